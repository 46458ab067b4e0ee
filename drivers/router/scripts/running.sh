# End here if the router does not run.

alone
if [ ! -e "/run/netns/$space" ]; then
    echo "the virtual router of network $network does not run here: implement it" >&2
    exit 66
fi
