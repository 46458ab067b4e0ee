#!/bin/sh
# A host's first process: gives the host a file system of its own, starts its daemons, and then
# beats as its heart. Who kills it switches the power off.
#
#   host-init.sh NAME FOLDER PRIMARY SECONDARY
#
# The machine lends /usr, read-only; everything the host writes is on its own disk, FOLDER/disk.
set -eu
name=$1 folder=$2 primary=$3 secondary=$4
root=$folder/root

hostname "$name"
mount -t tmpfs -o mode=0755,size=16m root "$root"
cd "$root"
mkdir dev etc home media mnt old opt proc root run srv sys tmp usr var
for place in bin sbin lib lib32 lib64 libx32; do
    if [ -L "/$place" ]; then
        cp -P "/$place" .
    elif [ -d "/$place" ]; then
        mkdir "$place" && mount --bind "/$place" "$place"
    fi
done
mount --bind /usr usr
mount -o remount,bind,ro usr
mount --rbind /dev dev
mount --rbind /sys sys
mount -t proc proc proc
mount -t tmpfs -o mode=0755 run run
for place in etc root tmp var; do mount --bind "$folder/disk/$place" $place; done
for place in "$primary" "$secondary"; do
    mkdir -p "./$place"
    mount --bind "$place" "./$place"
done

pivot_root . old
cd /
umount -l /old
rmdir /old
ln -sfn /run /var/run
mkdir -p /run/lock /run/sshd /run/libvirt

sysctl -q -w net.bridge.bridge-nf-call-iptables=1 2>/dev/null || true
nft -f /etc/nftables.conf
/usr/sbin/sshd -f /etc/ssh/sshd_config -E /var/log/sshd.log
/usr/sbin/libvirtd --listen --daemon --pid-file /run/libvirtd.pid

set +e
mkdir -p "$primary/.heartbeat"
while :; do
    date +%s.%N >"$primary/.heartbeat/.$name" &&
        mv "$primary/.heartbeat/.$name" "$primary/.heartbeat/$name"
    sleep 1
done
