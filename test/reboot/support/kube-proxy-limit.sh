#!/bin/sh
# What kube-proxy of a version does with the limit when it starts (kubernetes pkg/proxy/conntrack/sysctls.go, changes
# 103174 in 1.23, 120448 in 1.29, 137002 in 1.36 and 142035 in 1.37.2): it writes what it wants where the limit is lower,
# and where it is higher only in the versions that lower. The hash only grows, to a quarter of the limit.
# Usage: kube-proxy-limit VERSION CONFIG; ROOT and CORES let it run beside the kernel's own values.
set -eu
config=$2
rest=${1#v1.}
minor=${rest%%.*}
patch=${rest#*.}
patch=${patch%%[!0-9]*}
if [ "$minor" -eq 36 ] && [ "$patch" -ge 6 ]; then
  echo "What kube-proxy $1 does is not known." >&2
  exit 1
fi
number() { sed -n "s/^  $1: *\([0-9]*\).*/\1/p" "$config"; }
per_core=$(number maxPerCore)
floor=$(number min)
limit=${ROOT:-}/proc/sys/net/netfilter/nf_conntrack_max
hash=${ROOT:-}/sys/module/nf_conntrack/parameters/hashsize
[ "$per_core" -gt 0 ] || exit 0
wanted=$((per_core * ${CORES:-$(nproc)}))
if [ "$minor" -ge 36 ] && [ "$wanted" -gt 1048576 ]; then
  wanted=1048576
elif [ "$wanted" -lt "$floor" ]; then
  wanted=$floor
fi
keeps=no
if [ "$minor" -ge 23 ] && [ "$minor" -le 28 ]; then keeps=yes; fi
if [ "$minor" -ge 38 ]; then keeps=yes; fi
if [ "$minor" -eq 37 ] && [ "$patch" -ge 2 ]; then keeps=yes; fi
now=$(cat "$limit")
if [ "$now" -lt "$wanted" ]; then
  echo "$wanted" >"$limit"
elif [ "$now" -gt "$wanted" ] && [ "$keeps" = no ]; then
  echo "$wanted" >"$limit"
fi
[ "$(cat "$hash")" -ge $((wanted / 4)) ] || echo $((wanted / 4)) >"$hash"
