# What every script knows: where this lab keeps its records, and what bears its mark.
# It is given: lab.

home=/run/cloudlab/$lab
mark=cloudlab:$lab
table=cloudlab_$lab

# End because of something that only this host has: another may do better.
unfit() {
    echo "$1" >&2
    exit 69
}

# Wait until no other script changes networks on this host; what is started inside must be
# given `9<&-`, or it goes on excluding others.
alone() {
    exec 9</run
    flock -w 20 9 || unfit "another change of the networks of this host has not ended in 20 s"
}

# Return whether the link $1 is there; one without our mark ends the script.
is_there() {
    found=$(ip link show dev "$1" 2>/dev/null) || return 1
    case $found in
        *"alias $mark") return 0 ;;
    esac
    unfit "a link $1 is there that lab $lab has not made: rename or remove it, then try again"
}

# End here if the link $1 is there and another's, before anything is begun.
ours_or_free() {
    is_there "$1" || :
}
