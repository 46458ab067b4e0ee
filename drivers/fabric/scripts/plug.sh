# Connect a NIC. It is given: nic tap nic_rules, and what wire.sh is given.

alone
# A device of that name which another lab has plugged would come under our rules.
for other in /run/cloudlab/*/nics/"$nic"; do
    [ ! -e "$other" ] || [ "$other" = "$home/nics/$nic" ] ||
        unfit "$tap is plugged for another lab ($other): give each lab hosts of its own"
done
ours_or_free "$bridge"
ours_or_free "$tunnel"
mkdir -p "$home/nics"
echo "$network $bridge $tunnel" > "$home/nics/$nic"
wire
printf '%s' "$nic_rules" | nft -f -

# A running machine that lost its plug gets it back; otherwise its hypervisor makes the device.
case $(ip -o link show dev "$tap" 2>/dev/null) in
    "" | *" master "*) ;;
    *) ip link set "$tap" master "$bridge" up ;;
esac
