# What serves guests in the namespace of a router: dnsmasq, the guest services, haproxy.
# They are given `9<&-`, or they would keep the lock of the script that starts them.

# Return whether the process that the file $1 names runs in this router; then it is $pid.
runs() {
    pid=$(cat "$folder/$1" 2>/dev/null) || return 1
    ip netns pids "$space" | grep -qx "$pid"
}

# End the process that the file $1 names and wait until it is gone.
end() {
    runs "$1" || return 0
    kill "$pid"
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        runs "$1" || return 0
        sleep 0.05
    done
    kill -KILL "$pid" 2>/dev/null || :
}

start() {
    ip netns exec "$space" "$@" </dev/null >>"$folder/log" 2>&1 9<&-
}

# Return whether an address is lent to a NIC that is not known with it: dnsmasq never forgets.
lends_wrongly() {
    [ -s "$folder/leases" ] || return 1
    while read -r _ mac address _; do
        grep -qs -e "^$mac,$address," -e "^$mac,set:aside,$address," "$folder"/dhcp/* || return 0
    done < "$folder/leases"
    return 1
}

serve_addresses() {
    ! lends_wrongly || end dnsmasq.pid
    if runs dnsmasq.pid; then
        kill -HUP "$pid"
    else
        rm -f "$folder/leases"
        start dnsmasq --conf-file="$folder/dnsmasq.conf"
    fi
}

serve_guests() {
    ! runs services.pid || return 0
    python=/usr/bin/python3
    [ -x "$python" ] || python=python3
    start "$python" -I "$folder/services.py" "${inner_address%/*}" "$folder"
}

# Try a new configuration before the old one is given up; connections that are open live on.
balance() {
    [ -s "$folder/haproxy.cfg" ] || { end haproxy.pid; return 0; }
    if runs haproxy.pid; then
        [ "$balanced" != "$(cat "$folder/haproxy.cfg")" ] || return 0
        start haproxy -D -q -f "$folder/haproxy.cfg" -p "$folder/haproxy.pid" -sf "$pid"
    else
        start haproxy -D -q -f "$folder/haproxy.cfg" -p "$folder/haproxy.pid"
    fi
}
