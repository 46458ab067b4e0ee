# Let through to a plugged NIC what its security groups say now. It is given: nic tap nic_rules
# wire_rules.

alone
if [ ! -e "$home/nics/$nic" ]; then
    echo "$tap is not plugged on this host" >&2
    exit 66
fi
printf '%s' "$wire_rules$nic_rules" | nft -f -
