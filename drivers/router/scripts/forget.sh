# Make sure the router does not know a NIC. It is given: nic.

alone
[ -e "/run/netns/$space" ] || exit 0
rm -f "$folder/dhcp/$nic" "$folder/names/$nic" "$folder/guests/$nic@"* "$folder/passwords/$nic@"*
serve_addresses
