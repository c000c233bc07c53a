# What one awk reads: the kernel's own numbers for a sample, and with the second one everything that is read once. Each
# value is printed as `name=number`, with both samples where both showed it, or as `name=?` and why it is not there.

# Configuration of a sane size; what is longer counts as not read.
file_most_bytes=65536

# Arguments: `name=path` of what is there, `+path` of files that set values at boot; ENVIRON["before"] is what the first sample printed. Numbers only are taken from
# any file, and names of hexadecimal columns are looked up by their header: columns changed place between kernels.
# shellcheck disable=SC2016 # The dollars are awk's.
probe_values='
function dec(hex,   i, n) {
  n = 0; hex = tolower(hex)
  for (i = 1; i <= length(hex); i++) n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
  return n
}
# one_line(path): sets `row`; whether there was one.
function one_line(path,   got) { row = ""; got = getline row < path; close(path); return got > 0 }
function number_of(path) {
  if (!one_line(path)) return "?denied"
  return row ~ /^[0-9]+$/ && length(row) <= 16 ? row : "?denied"
}
# A row for each CPU, hexadecimal; the sum is exact up to 2^53.
function add_rows(path,   row, cell, i, k, name, rows) {
  while ((getline row < path) > 0) {
    k = split(row, cell, " ")
    if (cell[1] == "entries") { for (i = 1; i <= k; i++) name[i] = cell[i]; continue }
    if (++rows > 8192) break
    for (i = 1; i <= k; i++) if (name[i] in wanted && cell[i] ~ /^[0-9a-f]+$/) count_in(wanted[name[i]], dec(cell[i]))
  }
  close(path)
  if (rows == 0) for (i in wanted) value[wanted[i]] = "?denied"
}
function add_tool(   row, cell, i, k, pair) {
  while (("conntrack -S" | getline row) > 0) {
    k = split(row, cell, " ")
    for (i = 1; i <= k; i++)
      if (split(cell[i], pair, "=") == 2 && pair[1] in wanted && pair[2] ~ /^[0-9]+$/) count_in(wanted[pair[1]], pair[2])
  }
  close("conntrack -S")
}
function count_in(name, more) { value[name] = sprintf("%.0f", (value[name] ~ /^\?/ ? 0 : value[name]) + more) }
# The entries stand in the first column of each row: one for all CPUs.
function entries_of(path,   cell) {
  if ((getline row < path) <= 0 || (getline row < path) <= 0) { close(path); return -1 }
  close(path); split(row, cell, " ")
  return cell[1] ~ /^[0-9a-f]+$/ ? dec(cell[1]) : -1
}
function neighbours(   four, six) {
  four = "arp" in path ? entries_of(path["arp"]) : -1
  six = "ndisc" in path ? entries_of(path["ndisc"]) : -1
  if (four < 0 && six < 0) {
    if ("arp" in path || "ndisc" in path) value["neighbours"] = value["neighbour_limit"] = "?denied"
    return
  }
  value["neighbours"] = four >= six ? four : six
  if ((four >= six ? "limit4" : "limit6") in path) value["neighbour_limit"] = number_of(path[four >= six ? "limit4" : "limit6"])
}
function sample(   i, many, name, pair, line, lines) {
  many = split("count max buckets drop insert_failed early_drop chaintoolong neighbours neighbour_limit", name, " ")
  for (i = 1; i <= many; i++) value[name[i]] = "?missing"
  if (is_elsewhere) { for (i = 1; i <= 7; i++) value[name[i]] = "?denied" }
  else {
    for (i = 1; i <= 3; i++) if (name[i] in path) value[name[i]] = number_of(path[name[i]])
    split("drop=drop insert_failed=insert_failed early_drop=early_drop chaintoolong=chaintoolong chainlength=chaintoolong", line, " ")
    for (i in line) { split(line[i], pair, "="); wanted[pair[1]] = pair[2] }
    if ("stat" in path) add_rows(path["stat"])
    else if (asks_tool) add_tool()
  }
  neighbours()
  lines = split(ENVIRON["before"], line, "\n")
  for (i = 1; i <= lines; i++) if (split(line[i], pair, "=") == 2) before[pair[1]] = pair[2]
  for (i = 1; i <= many; i++) {
    # Limits are not sampled: of two that differ the later one is in force.
    if (i != 2 && i != 3 && i != 9 && before[name[i]] ~ /^[0-9]+$/)
      value[name[i]] = value[name[i]] ~ /^\?/ ? before[name[i]] : before[name[i]] " " value[name[i]]
    print name[i] "=" value[name[i]]
  }
}
BEGIN {
  for (argument = 1; argument < ARGC; argument++) {
    cut = index(ARGV[argument], "=")
    if (substr(ARGV[argument], 1, 1) == "+") files[++known] = substr(ARGV[argument], 2)
    else path[substr(ARGV[argument], 1, cut - 1)] = substr(ARGV[argument], cut + 1)
  }
  sample()
  if (known > 0) once()
  exit
}
'

# probe_sample <name=path or +path...>: prints a sample, with `before` as what the first one printed.
probe_sample() {
  probe_folder=/proc/sys/net/netfilter/nf_conntrack
  for probe_file in "count=${probe_folder}_count" "max=${probe_folder}_max" "buckets=${probe_folder}_buckets" \
    stat=/proc/net/stat/nf_conntrack arp=/proc/net/stat/arp_cache ndisc=/proc/net/stat/ndisc_cache \
    limit4=/proc/sys/net/ipv4/neigh/default/gc_thresh3 limit6=/proc/sys/net/ipv6/neigh/default/gc_thresh3; do
    [ ! -f "${probe_file#*=}" ] || set -- "$@" "$probe_file"
  done
  $within 3 awk -v is_elsewhere="$is_elsewhere" -v asks_tool="$asks_tool" -v most="$file_most_bytes" \
    -v per_core="$per_core" -v least="$least" "$probe_values$probe_once" "$@" 2>/dev/null
}

# Sets `is_elsewhere`: the table of another network namespace is not this node's. The key is there in the initial one alone.
find_namespace() {
  is_elsewhere=0
  if [ -e /proc/sys/net/netfilter/nf_conntrack_count ] && ! [ -e /proc/sys/net/nf_conntrack_max ]; then is_elsewhere=1; fi
}

# Sets `asks_tool`: where the kernel has no file of its counters the tool is asked, unless that would load a module.
find_counters() {
  asks_tool=0
  if [ -f /proc/net/stat/nf_conntrack ] || ! [ -d /sys/module/nf_conntrack_netlink ]; then return 0; fi
  if command -v conntrack >/dev/null; then asks_tool=1; fi
}
