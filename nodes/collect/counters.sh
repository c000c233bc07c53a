# count_rows: sets `rows` to the number of lines of `text`, one of nothing.
count_rows() {
  rows=0
  case $text in *"$newline$newline"* | "$newline"*)
    rows=$(printf '%s\n' "$text" | wc -l)
    rows=$((rows))
    return 0
    ;;
  esac
  set -f
  IFS=$newline
  # shellcheck disable=SC2086 # The lines are to be split.
  set -- ${text:-none}
  unset IFS
  set +f
  rows=$#
}

# The counters of the table: the file if the kernel has it, otherwise the tool over netlink.
stat_section() {
  table "$table_stat"
  section stat-nf_conntrack "$1" 5600
  if [ "$status" = missing ] && netlink_is_there; then
    capture 3 conntrack -S
    sum_tool_rows
    section conntrack-S "$1" 5600
  fi
  if [ "$1" = 0 ]; then stat_first=$text; else stat_second=$text; fi
}

# Opening the socket would load nf_conntrack_netlink: only where it is in the kernel already, or no module can be.
netlink_is_there() {
  [ -d /sys/module/nf_conntrack_netlink ] && return 0
  [ -e /proc/modules ] || return 0
  built_in nf_conntrack_netlink
}

# built_in <module>: the kernel's own list says that the module is part of it.
built_in() {
  read_plain "/lib/modules/$kernel_release/modules.builtin" "$kernel_most_bytes"
  case $contents in *"/$1.ko"*) return 0 ;; esac
  return 1
}

sum_tool_rows() {
  [ "$status" = ok ] || return 0
  count_rows
  [ "$rows" -gt 32 ] || return 0
  text=$(printf '%s\n' "$text" | awk '
    { rows++
      for (i = 1; i <= NF; i++) {
        if (split($i, pair, "=") != 2 || pair[1] == "cpu") continue
        if (!(pair[1] in sum)) names[++known] = pair[1]
        sum[pair[1]] += pair[2]
      } }
    END { printf "sum %d", rows; for (i = 1; i <= known; i++) printf " %s=%.0f", names[i], sum[names[i]]; print "" }' 2>/dev/null)
  [ -n "$text" ] || status=missing
}
