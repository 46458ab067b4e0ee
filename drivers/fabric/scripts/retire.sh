# What goes when the last NIC and the router of a network have left this host.
# It is given: network bridge tunnel wire_gone_rules no_rules.

# Take the wire away if nobody uses it, and with the last wire everything.
retire() {
    ! grep -qs "^$network " "$home"/nics/* || return 0
    [ ! -e "$home/routers/$network" ] || return 0
    for link in "$tunnel" "$bridge"; do
        ! is_there "$link" || ip link del "$link"
    done
    rmdir "$home/nics" "$home/routers" "$home" /run/cloudlab 2>/dev/null || :
    if [ -e "$home" ]; then
        printf '%s' "$wire_gone_rules" | nft -f -
    else
        printf '%s' "$no_rules" | nft -f -
    fi
}
