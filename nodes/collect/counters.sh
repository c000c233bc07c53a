# Rows of hexadecimal counters, one a CPU. Beyond <rows> they are added up here, so that the output keeps its bound
# on any machine; doubles hold 2^32 x 192 exactly. The first column of the tables with a header is the number of
# entries, repeated on every row: it is taken once, not added.
# shellcheck disable=SC2016 # The dollars are awk's.
sum_rows='
function dec(hex,   i, n) {
  n = 0; hex = tolower(hex)
  for (i = 1; i <= length(hex); i++) n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
  return n
}
function hex(n,   digits) {
  digits = ""
  do { digits = substr("0123456789abcdef", n % 16 + 1, 1) digits; n = int(n / 16) } while (n > 0)
  return digits
}
function total(   i) {
  if (rows == 0) return
  if (style == "sum") printf "sum %d", rows
  for (i = 1; i <= width; i++) {
    if (style == "sum") printf " %.0f", sum[i]; else printf "%s%s", (i > 1 ? " " : ""), hex(sum[i])
    sum[i] = 0
  }
  print ""
  rows = 0; width = 0
}
$1 !~ /^[0-9a-fA-F]+$/ { total(); print; headed = 1; next }
{
  rows++
  if (NF > width) width = NF
  for (i = 1; i <= NF; i++) sum[i] = (headed && i == 1 ? 0 : sum[i]) + dec($i)
}
END { total() }'

# count_rows: sets `rows` to the number of lines of `text`.
count_rows() {
  rows=$(printf '%s\n' "$text" | wc -l)
  rows=$((rows))
}

# sum_when_over <lines> <sum|row>: leaves one row marked `sum <rows>` and decimal, or one that looks like any other.
sum_when_over() {
  [ "$status" = ok ] || return 0
  count_rows
  [ "$rows" -gt "$1" ] || return 0
  text=$(printf '%s\n' "$text" | awk -v style="$2" "$sum_rows" 2>/dev/null)
  [ -n "$text" ] || status=missing
}

# The counters of the table: the file if the kernel has it, otherwise the tool over netlink.
stat_section() {
  capture_file /proc/net/stat/nf_conntrack
  sum_when_over 33 sum
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
  built_in_list=/lib/modules/$(uname -r)/modules.builtin
  plain "$built_in_list" "$kernel_most_bytes" | grep -q "/$1\.ko"
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

# Only the columns that a verdict rests on: the whole TcpExt pair is 2,500 characters a sample.
netstat_section() {
  capture_wide /proc/net/netstat
  if [ "$status" = ok ]; then
    text=$(printf '%s\n' "$text" | awk '
      BEGIN { split("SyncookiesSent SyncookiesRecv SyncookiesFailed EmbryonicRsts PruneCalled OutOfWindowIcmps TW ListenOverflows ListenDrops TCPTimeouts TCPLossProbes TCPAbortOnData TCPAbortOnMemory TCPAbortOnTimeout TCPMemoryPressures TCPBacklogDrop TCPTimeWaitOverflow TCPReqQFullDoCookies TCPReqQFullDrop TCPRetransFail TCPSynRetrans IPReversePathFilter PFMemallocDrop", list, " "); for (i in list) wanted[list[i]] = 1 }
      $1 == "IpExt:" { print substr($0, 1, 512); next }
      $1 != "TcpExt:" { next }
      !headed { headed = 1; for (i = 2; i <= NF; i++) name[i] = $i; next }
      { keys = $1; values = $1
        for (i = 2; i <= NF; i++) if (name[i] in wanted) { keys = keys " " name[i]; values = values " " $i }
        print keys; print values }' 2>/dev/null)
    [ -n "$text" ] || status=missing
  fi
  section netstat "$1" 1500
}

# capture_wide <file>: its lines are longer than what is printed of them.
capture_wide() {
  text=''
  status=missing
  read_uptime
  [ -f "$1" ] || return 0
  text=$({ bounded 3 head -c "$kernel_most_bytes" "$1" 2>/dev/null; printf '\n%s %s\n' "$MEDIC_NONCE" "$?"; } | tr -c '\n -~' '?')
  split_exit_code
}

snmp_section() {
  capture_lines '^(Ip|Tcp|Udp):' /proc/net/snmp
  section snmp "$1" 1200
}

# Columns 1 to 3 are processed, dropped and time_squeeze.
softnet_section() {
  capture_file /proc/net/softnet_stat
  [ "$status" != ok ] || text=$(printf '%s\n' "$text" | cut -d ' ' -f 1-3)
  sum_when_over 16 sum
  section softnet_stat "$1" 700
}

neighbour_tables_section() {
  capture_file /proc/net/stat/arp_cache
  # The row of the second family is left out where IPv6 is off.
  if [ "$status" = ok ] && [ -e /proc/net/stat/ndisc_cache ]; then
    capture_file /proc/net/stat/arp_cache /proc/net/stat/ndisc_cache
  fi
  sum_when_over 18 row
  section arp_cache "$1" 2400
}
