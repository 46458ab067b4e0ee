# List the NICs that are plugged.

[ ! -e "$home/nics" ] || ls "$home/nics"
