# Counters of the node and of each pod that is looked at: they tell what was dropped where no packet is seen.
# shellcheck disable=SC2016 # Awk's.
hexadecimal='
function hexadecimal(text,   i, value) {
  value = 0
  for (i = 1; i <= length(text); i++) value = value * 16 + index("0123456789abcdef", tolower(substr(text, i, 1))) - 1
  return value
}'

# shellcheck disable=SC2016 # Awk's.
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

# Where the kernel has no file for the counters of the table the tool is asked, if that loads nothing.
# shellcheck disable=SC2016 # Awk's.
sum_tool='
{ for (i = 1; i <= NF; i++) if (split($i, pair, "=") == 2 && pair[1] ~ /^(insert_failed|drop|early_drop|invalid|clash_resolve|chaintoolong)$/) sum[pair[1]] += pair[2] }
END { for (one in sum) printf "table %s %.0f\n", one, sum[one] }'

# take_counters: prints lines of where, name and number.
take_counters() {
  if [ ! -e /proc/net/stat/nf_conntrack ] && [ -d /sys/module/nf_conntrack_netlink ] && command -v conntrack >/dev/null 2>&1; then
    bounded 3 conntrack -S 2>/dev/null | awk "$sum_tool" 2>/dev/null
  fi
  bounded 4 awk -v points="$points_in_one" "$hexadecimal$read_counters" 2>/dev/null
}

# What did not change is left out, but for how full the table is.
# shellcheck disable=SC2016 # Awk's.
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

# Of each CPU that we may use: packets that the network handed to it, ticks that it was idle, and ticks in all.
# shellcheck disable=SC2016 # Awk's.
read_cpus='
BEGIN {
  while ((getline row < "/proc/self/status") > 0) if (sub(/^Cpus_allowed_list:[^0-9]*/, "", row)) many = split(row, range, ",")
  for (i = 1; i <= many; i++) { last = split(range[i], end, "-"); for (cpu = end[1] + 0; cpu <= end[last] + 0; cpu++) allowed[cpu] = 1 }
  while ((getline row < "/proc/net/softnet_stat") > 0) if (split(row, cell, " ") > 12) packets[hexadecimal(cell[13])] = hexadecimal(cell[1])
  while ((getline row < "/proc/stat") > 0) {
    split(row, cell, " "); cpu = substr(cell[1], 4); ticks = 0
    for (i = 2; i < 10; i++) ticks += cell[i]
    if (cpu in allowed && cpu in packets) printf "%d %.0f %.0f %.0f\n", cpu, packets[cpu], cell[5], ticks
  }
}'

# Of two looks: of the half of the CPUs that the fewest packets came to, those that were idle a quarter of the time.
# shellcheck disable=SC2016 # Awk's.
choose_cpus='
!($1 in ticks) { packets[$1] = $2; idle[$1] = $3; ticks[$1] = $4; next }
{
  came[$1] = ($2 - packets[$1] + 4294967296) % 4294967296; many++
  spare[$1] = ($3 - idle[$1]) * 4 > $4 - ticks[$1]
}
END {
  for (many = int(many / 2); many > 0; many--) {
    best = ""
    for (cpu in came) if (best == "" || came[cpu] < came[best]) best = cpu
    if (spare[best]) { printf "%s%d", comma, best; comma = "," }
    delete came[best]
  }
}'

look_at_cpus() {
  bounded 2 awk "$hexadecimal$read_cpus" 2>/dev/null 9>&-
}

# keep_off_busy: whatever its priority, what runs between two packets on one CPU leaves cold caches to the second.
keep_off_busy() {
  command -v taskset >/dev/null 2>&1 || return 0
  cpus_chosen=$(printf '%s\n' "$cpus_before" "$(look_at_cpus)" | awk "$choose_cpus" 2>/dev/null)
  [ -z "$cpus_chosen" ] || taskset -pc "$cpus_chosen" "$$" >/dev/null 2>&1
}
