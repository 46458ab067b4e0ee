# List the routers of this lab by what follows the prefix. It is given: prefix.

for each in "/run/netns/$prefix"*; do
    [ ! -e "$each" ] || echo "${each#"/run/netns/$prefix"}"
done
