# Let every wire on this host flood to all hosts there are now. It is given: peers.

alone
for tunnel in $(cat "$home"/nics/* "$home"/routers/*/wire 2>/dev/null | cut -d' ' -f3 | sort -u); do
    ! is_there "$tunnel" || meet_peers
done
