# One network on this host: a bridge, and the VXLAN that leads to its bridges on other hosts.
# It is given: network bridge tunnel vni underlay peers wire_rules.

flood=00:00:00:00:00:00

# Make the wire what it has to be, whatever of it is there.
wire() {
    is_there "$bridge" || lay_bridge
    leads_right || lay_tunnel
    meet_peers
    printf '%s' "$wire_rules" | nft -f -
}

# The bridge asks the IP rules of this host about every packet: there security groups are kept.
lay_bridge() {
    ip link add "$bridge" type bridge forward_delay 0 mcast_snooping 0 nf_call_iptables 1
    ip link set "$bridge" alias "$mark" mtu 1500 addrgenmode none up
}

# Return whether the tunnel is there and has the number and address of now.
leads_right() {
    is_there "$tunnel" || return 1
    case $(ip -d link show dev "$tunnel") in
        *" vxlan id $vni local $underlay "*) ;;
        *) ip link del "$tunnel" && return 1 ;;
    esac
}

lay_tunnel() {
    ip link add "$tunnel" type vxlan id "$vni" local "$underlay" dstport 4789 ttl 8 ||
        unfit "VXLAN $vni cannot be had on this host: does another lab use it?"
    ip link set "$tunnel" alias "$mark" mtu 1500 addrgenmode none master "$bridge" up
}

# Flood to every other host, and to none that has left.
meet_peers() {
    for peer in $peers; do
        bridge fdb append $flood dev "$tunnel" dst "$peer"
    done
    bridge fdb show dev "$tunnel" | while read -r address _ peer _; do
        case $address/" $peers " in
            $flood/*" $peer "*) ;;
            $flood/*) bridge fdb del $flood dev "$tunnel" dst "$peer" ;;
        esac
    done
}
