# List the routers of this lab, those that are half made or half gone too. It is given: prefix.

for each in "/run/netns/$prefix"* "$home/routers/"*; do
    case $each in
        *"*") ;;
        "/run/netns/$prefix"*) echo "${each#"/run/netns/$prefix"}" ;;
        *) echo "${each##*/}" ;;
    esac
done
