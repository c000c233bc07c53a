#!/bin/sh
# Starts kube-proxy once with --init-only, in namespaces of its own where files stand for the two values of the kernel that
# belong to the whole machine. Usage: sandbox.sh KUBE-PROXY API CONFIG LIMIT-FILE HASH-FILE
set -eu
kube_proxy=$1 api=$2 config=$3 limit=$4 hash=$5
[ "${6:-}" = inside ] || exec unshare --mount --net --pid --fork --kill-child --mount-proc sh "$0" "$@" inside
ip link set lo up
mount --make-rprivate /
# Without the module's keys in /proc there is nothing to stand in front of.
mount --bind "$limit" /proc/sys/net/netfilter/nf_conntrack_max
mount --bind "$hash" /sys/module/nf_conntrack/parameters/hashsize
node "$api" >"$limit.port" &
until [ -s "$limit.port" ]; do sleep 0.1; done
"$kube_proxy" --config="$config" --master="http://127.0.0.1:$(cat "$limit.port")" --hostname-override=node --init-only 2>&1
