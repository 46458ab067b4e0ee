# Make sure a router does not run. It is given: space inner outer, and what retire.sh is given.

alone
folder=$home/routers/$network
[ -e "$folder" ] || [ -e "/run/netns/$space" ] || exit 0

for signal in TERM TERM TERM TERM TERM TERM TERM TERM TERM TERM KILL; do
    pids=$(ip netns pids "$space" 2>/dev/null) || :
    [ -n "$pids" ] || break
    # shellcheck disable=SC2086
    kill -"$signal" $pids 2>/dev/null || :
    sleep 0.05
done
for link in "$inner" "$outer"; do
    ! is_there "$link" || ip link del "$link"
done
[ ! -e "/run/netns/$space" ] || ip netns delete "$space"
rm -rf "${folder:?}"
retire
