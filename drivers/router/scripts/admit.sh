# Let the running router know a NIC. It is given: nic; and the function `write_files`.

rm -f "$folder/guests/$nic@"*
write_files
serve_addresses
