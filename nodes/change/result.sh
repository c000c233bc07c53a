# What the scripts that change a node have in common: what they check before they start, and the one section they answer with.
umask 022
result_lines=''
detail_before=''
max=''
buckets=''
count=''
max_before=''
buckets_before=''
values_before=''
conntrack_optional=no

# result_line <text>: node text is hostile, only printable ASCII goes out.
result_line() {
  result_lines=$result_lines$(printf '%s' "$1" | tr -c ' -~' '?')$newline
}

# sound_number <text>: whether it is a number as the kernel prints it. A leading zero would be read as octal.
sound_number() {
  case $1 in '' | *[!0-9]* | 0?* | ???????????*) return 1 ;; esac
}

# sound_record <number...>: whether each is one that a change may go back to or has set: bounded as a parameter is.
sound_record() {
  for sound_one; do
    sound_number "$sound_one" && [ "${#sound_one}" -le 7 ] || return 1
  done
}

# read_value <file>: sets `value` to the file's text, or to nothing when it cannot be read. Not with `read`: dash reads
# byte by byte, and a number under /proc/sys is only there for the first read (262144 became 2).
read_value() {
  value=$(cat "$1" 2>/dev/null)
}

# read_number <file>: sets `number`, or empties it when the file holds anything but a plain number.
read_number() {
  read_value "$1"
  number=''
  if sound_number "$value"; then number=$value; fi
}

read_running() {
  read_number /proc/sys/net/netfilter/nf_conntrack_max
  max=$number
  read_number /proc/sys/net/netfilter/nf_conntrack_buckets
  if [ -z "$number" ]; then read_number /sys/module/nf_conntrack/parameters/hashsize; fi
  buckets=$number
  read_number /proc/sys/net/netfilter/nf_conntrack_count
  count=$number
}

# finish <outcome> <code or nothing> <sentence>: prints the result and leaves with the exit code that goes with it.
finish() {
  read_running
  read_uptime
  finish_detail=$(printf '%s' "$detail_before${detail_before:+ }$3" | tr -c ' -~' '?')
  printf '=== medic/1 %s result - ok %s\n' "$MEDIC_NONCE" "$uptime"
  printf 'outcome=%s\ncode=%s\ndetail=%.300s\n' "$1" "$2" "$finish_detail"
  printf 'max.before=%s\nmax.after=%s\n' "${max_before:-$max}" "$max"
  printf 'buckets.before=%s\nbuckets.after=%s\ncount=%s\n' "${buckets_before:-$buckets}" "$buckets" "$count"
  print_values
  printf '%s' "$result_lines" | head -n 40
  printf '=== medic/1 %s end - ok %s\n' "$MEDIC_NONCE" "$uptime"
  case $1 in
    refused) exit 3 ;;
    failed) exit 1 ;;
  esac
  exit 0
}

refuse() {
  finish refused "$1" "$2"
}

fail() {
  finish failed "$1" "$2"
}

# sound_incident <text>
sound_incident() {
  case $1 in '' | *[!a-z0-9-]*) return 1 ;; esac
  [ "${#1}" -ge 8 ] && [ "${#1}" -le 64 ]
}

# The same pattern as in the document, once more: SSM's check and ours must both be wrong before a bad value gets through.
check_incident() {
  sound_incident "${MEDIC_INCIDENT-}" ||
    refuse bad-parameter 'incident must be 8 to 64 characters a-z, 0-9 or -; nothing was changed.'
}

check_tools() {
  for tool in base64 cat chmod chown expr flock grep head mkdir mv rm rmdir stat sync tail tr uname; do
    command -v "$tool" >/dev/null 2>&1 ||
      refuse missing-tool "$tool is not installed on this node; nothing was changed. Install it or change the node by hand."
  done
  # Memory bounds go beyond 2^32.
  [ "$((4294967296 + 1))" = 4294967297 ] 2>/dev/null ||
    refuse missing-tool 'The shell of this node cannot calculate beyond 32 bits; nothing was changed.'
}

# The limit is one number for the machine, writable only where this key exists: in the initial network namespace. So does
# the backlog of the network cards, which needs no connection tracking (net/core/sysctl_net_core.c, net_core_table).
check_namespace() {
  [ -e /proc/sys/net/nf_conntrack_max ] && return 0
  if [ -e /proc/sys/net/netfilter/nf_conntrack_count ]; then
    refuse not-initial-netns 'The command ran outside the initial network namespace, where the limit cannot be changed; run it on the host.'
  fi
  if [ "$conntrack_optional" = yes ] && [ -e /proc/sys/net/core/netdev_max_backlog ]; then return 0; fi
  refuse no-conntrack 'nf_conntrack is not loaded on this node, so there is no limit to change.'
}
