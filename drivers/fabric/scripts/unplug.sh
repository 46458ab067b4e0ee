# Disconnect a NIC. It is given: nic tap gone_rules, and what retire.sh is given.

[ -e "$home/nics/$nic" ] || exit 0
alone
case $(ip -o link show dev "$tap" 2>/dev/null) in
    *" master $bridge "*) ip link set "$tap" nomaster ;;
esac
printf '%s' "$gone_rules" | nft -f -
rm -f "$home/nics/$nic"
retire
