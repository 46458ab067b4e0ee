# Let all networks on this host flood to all hosts there are now. It is given: peers.

alone
for record in "$home"/nics/* "$home"/routers/*/wire; do
    [ -e "$record" ] || continue
    read -r _ _ tunnel < "$record"
    meet_peers
done
