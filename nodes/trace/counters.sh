# Counters of the same seconds, of the node and of each pod that is looked at: they tell what was dropped where no packet is seen.
# shellcheck disable=SC2016 # The dollars are awk's.
read_counters='
function tables(where, folder,   file, path, row, cell, column, header, width, size, i, k) {
  for (file = 1; file <= 2; file++) {
    path = folder (file == 1 ? "/net/snmp" : "/net/netstat"); header = ""; size = 0
    while ((getline row < path) > 0) {
      if ((size += length(row) + 1) > 65536) break
      if (row !~ /^(Ip|Tcp|TcpExt): /) continue
      k = split(row, cell, " ")
      if (cell[1] != header) { header = cell[1]; width = k; for (i = 2; i <= k; i++) column[i] = cell[i]; continue }
      header = ""
      if (k != width) continue
      for (i = 2; i <= k; i++) if (index(wanted, " " column[i] " ")) print where, column[i], cell[i]
    }
    close(path)
  }
}
function table_counters(   row, cell, name, sum, i, k) {
  if ((getline row < "/proc/net/stat/nf_conntrack") <= 0) return
  k = split(row, name, " ")
  while ((getline row < "/proc/net/stat/nf_conntrack") > 0) {
    split(row, cell, " ")
    for (i = 1; i <= k; i++) sum[i] += hexadecimal(cell[i])
  }
  close("/proc/net/stat/nf_conntrack")
  for (i = 1; i <= k; i++) if (name[i] ~ /^(insert_failed|drop|early_drop|invalid|clashres|chaintoolong)$/) printf "table %s %.0f\n", name[i], sum[i]
}
function hexadecimal(text,   i, value) {
  value = 0
  for (i = 1; i <= length(text); i++) value = value * 16 + index("0123456789abcdef", tolower(substr(text, i, 1))) - 1
  return value
}
function number(where, name, path,   row) {
  row = ""
  getline row < path
  close(path)
  if (row ~ /^[0-9]+$/) print where, name, row
}
BEGIN {
  wanted = " InDiscards OutDiscards ListenOverflows ListenDrops TCPReqQFullDrop TCPReqQFullDoCookies IPReversePathFilter PassiveOpens AttemptFails RetransSegs TCPSynRetrans "
  table_counters()
  number("table", "count", "/proc/sys/net/netfilter/nf_conntrack_count")
  number("table", "max", "/proc/sys/net/netfilter/nf_conntrack_max")
  tables("node", "/proc/self")
  many = split(points, point, ";")
  for (p = 1; p <= many; p++) {
    split(point[p], field, " ")
    if (field[2] == "pod") tables("pod" field[3], "/proc/" field[5])
    else if (field[4] != "") {
      number(field[4], "rx_dropped", "/sys/class/net/" field[4] "/statistics/rx_dropped")
      number(field[4], "tx_dropped", "/sys/class/net/" field[4] "/statistics/tx_dropped")
    }
  }
}'

# Some kernels have no file for the counters of the table: then the tool is asked, where that loads nothing.
# shellcheck disable=SC2016 # The dollars are awk's.
sum_tool='
{ for (i = 1; i <= NF; i++) if (split($i, pair, "=") == 2 && pair[1] ~ /^(insert_failed|drop|early_drop|invalid|clash_resolve|chaintoolong)$/) sum[pair[1]] += pair[2] }
END { for (one in sum) printf "table %s %.0f\n", one, sum[one] }'

# take_counters: prints lines of where, name and number.
take_counters() {
  if [ ! -e /proc/net/stat/nf_conntrack ] && [ -d /sys/module/nf_conntrack_netlink ] && command -v conntrack >/dev/null 2>&1; then
    bounded 3 conntrack -S 2>/dev/null | awk "$sum_tool" 2>/dev/null
  fi
  bounded 4 awk -v points="$points_in_one" "$read_counters" 2>/dev/null
}

# What did not change is left out, but for how full the table is.
# shellcheck disable=SC2016 # The dollars are awk's.
compare_counters='
$1 == "=" { side = 2; next }
side != 2 { first[$1 " " $2] = $3; next }
(($1 " " $2) in first) && ($3 != first[$1 " " $2] || $2 == "count" || $2 == "max" || $1 == "table") { print $1, $2, first[$1 " " $2], $3 }'

# read_counters_text: sets `text` to lines of where, name, before and after.
read_counters_text() {
  status=ok
  read_uptime
  text=$(printf '%s\n= = =\n%s\n' "$counters_before" "$counters_after" | awk "$compare_counters" 2>/dev/null)
}
