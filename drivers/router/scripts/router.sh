# A virtual router: a namespace of this host with a leg in its network and one outside.
# It is given: space inner inner_mac inner_address outer outer_mac outer_addresses outer_gateway
# public_bridge forwards services router_rules, and what wire.sh is given.

folder=$home/routers/$network

# Write the file $1 of the router with mode $2: whole or not at all.
put() {
    (umask 077 && printf '%s' "$3" > "$folder/$1.new")
    chmod "$2" "$folder/$1.new"
    mv "$folder/$1.new" "$folder/$1"
}

# Leave in the directory $1 only the files $2 ...
keep() {
    directory=$1
    shift
    for each in "$folder/$directory"/*; do
        case " $* " in
            *" ${each##*/} "*) ;;
            *) rm -f "$each" ;;
        esac
    done
}

make_folder() {
    mkdir -p "$folder/dhcp" "$folder/names"
    mkdir -p -m 700 "$folder/guests" "$folder/passwords"
    echo "$network $bridge $tunnel" > "$folder/wire"
}

make_space() {
    [ ! -e "/run/netns/$space" ] || return 0
    ip netns add "$space"
    ip netns exec "$space" sh -eu -c '
        cd /proc/sys/net
        [ ! -e ipv6 ] || echo 1 > ipv6/conf/all/disable_ipv6
        [ ! -e ipv6 ] || echo 1 > ipv6/conf/default/disable_ipv6
        echo 1 > ipv4/conf/default/arp_notify
        echo 1 > ipv4/conf/all/promote_secondaries
        echo "$0" > ipv4/ip_forward' "$forwards"
    ip -n "$space" link set lo up
}

# Lay a cable from the bridge $2 to the router: link $1 here, link $3 with MAC $4 there.
lay_leg() {
    ! is_there "$1" || return 0
    ip link add "$1" type veth peer name "$3" address "$4" netns "$space"
    ip link set "$1" alias "$mark" addrgenmode none mtu 1500 master "$2" up
    ip -n "$space" link set "$3" mtu 1500 up
}

# Give the link $1, whose MAC is $2, exactly the addresses $3 ..., and tell its neighbours.
settle() {
    link=$1 mac=$2
    shift 2
    for each in "$@"; do
        ip -n "$space" addr replace "$each" dev "$link"
    done
    ip -n "$space" -o -4 addr show dev "$link" | while read -r _ _ _ each _; do
        case " $* " in
            *" $each "*) ;;
            *) ip -n "$space" addr del "$each" dev "$link" ;;
        esac
    done
    ip -n "$space" link set "$link" address "$mac"
}

lay_legs() {
    lay_leg "$inner" "$bridge" eth0 "$inner_mac"
    settle eth0 "$inner_mac" "$inner_address"
    if [ -n "$outer_addresses" ]; then
        lay_outer
    else
        ! is_there "$outer" || ip link del "$outer"
    fi
}

lay_outer() {
    ip link show dev "$public_bridge" >/dev/null 2>&1 ||
        unfit "there is no bridge $public_bridge that leads outside: make it, or name another"
    lay_leg "$outer" "$public_bridge" eth1 "$outer_mac"
    # shellcheck disable=SC2086
    settle eth1 "$outer_mac" $outer_addresses
    [ -z "$outer_gateway" ] ||
        ip -n "$space" route replace default via "$outer_gateway" dev eth1
}

filter() {
    printf '%s' "$router_rules" | ip netns exec "$space" nft -f -
}
