# Make the services of a router what the records say. The function `write_files` is given.

refresh() {
    balanced=$(cat "$folder/haproxy.cfg" 2>/dev/null || :)
    configured=$(cat "$folder/dnsmasq.conf" 2>/dev/null || :)
    write_files
    filter
    [ "$configured" = "$(cat "$folder/dnsmasq.conf")" ] || end dnsmasq.pid
    serve_addresses
    serve_guests
    balance
}
