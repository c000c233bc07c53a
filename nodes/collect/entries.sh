# The first entries of the table's walk, counted here: the walk follows the hash, so its beginning is a fair sample, and
# it costs what is read (docs/collector.md tells how much). Never more than that of any table.
entries_most=5000

# The awk that reads the second sample's tables goes on with this one, which costs nothing to start there.
# shellcheck disable=SC2016 # The dollars are awk's.
count_entries='
function top(counts, most, name,   i, many, key, best) {
  for (key in counts) {
    if (many == most && counts[key] <= counts[best[many]]) continue
    for (i = many < most ? ++many : many; i > 1 && counts[key] > counts[best[i - 1]]; i--) best[i] = best[i - 1]
    best[i] = key
  }
  for (i = 1; i <= many; i++) print name " " counts[best[i]] " " best[i] (name == "backend" ? " " newest[best[i]] : "")
}
function highest(counts,   key, n) {
  n = 0
  for (key in counts) if (counts[key] > n) n = counts[key]
  return n
}
NR > entries_most { exit }
deadline > 0 && NR % 500 == 0 && seconds() - deadline >= 0 { cut = 1; exit }
{
  # A tilde would end the record.
  if (/[^ -}]/) gsub(/[^ -}]/, "?")
  size += length($0) + 1
  # The protocol, its number, the seconds left and perhaps a state stand before what was sent, and that before its reply.
  i = ($1 ~ /^ipv[46]$/) ? 3 : 1
  protocol = $i; left = $(i + 2); state = "-"
  for (i += 3; i <= NF && substr($i, 1, 4) != "src="; i++) if ($i ~ /^[A-Z][A-Z_0-9]+$/) state = $i
  for (j = i + 2; j <= NF && substr($j, 1, 4) != "src="; j++) continue
  if (j > NF) next
  source1 = substr($i, 5); target1 = substr($(i + 1), 5); source2 = substr($j, 5); target2 = substr($(j + 1), 5)
  dport1 = substr($(i + 3), 1, 6) == "dport=" ? substr($(i + 3), 7) : "-"
  sport2 = substr($(j + 2), 1, 6) == "sport=" ? substr($(j + 2), 7) : "-"
  looked++
  mark = "-"
  if (index($0, "[ASSURED]")) mark = "assured"
  if (index($0, "[UNREPLIED]")) mark = "unreplied"
  to = protocol " " target1 " " dport1
  states[protocol " " state " " mark]++
  sources[source1]++
  targets[to]++
  if (dport1 != "-") ports[protocol " " dport1]++
  if (protocol == "tcp" && (state == "SYN_SENT" || state == "SYN_SENT2" || state == "SYN_RECV")) {
    half++; half_sources[source1]++; half_targets[to]++
  }
  if (protocol == "tcp" && state == "ESTABLISHED") {
    established++
    if (lifetime != "" && lifetime - left >= 14400) idle++
  }
  if (source1 != target2) translated[protocol " " target2 " " source2 " " sport2]++
  if (protocol == "udp" && (target1 != source2 || dport1 != sport2)) {
    to = dport1 " " source2 " " sport2 " " mark " " target1
    if (backends[to]++ == 0) kinds++
    if (left + 0 > newest[to] + 0) newest[to] = left
  }
}
END {
  if (!counts_entries) exit
  if (is_record) print "ok"
  print "sampled=" (looked + 0) " complete=" (NR < entries_most && size < most && !cut ? "yes" : "no")
  top(states, 16, "state")
  print "halfopen " (half + 0) " " highest(half_sources) " " highest(half_targets)
  if (lifetime != "") print "established " (established + 0) " " (idle + 0)
  top(translated, 8, "translated")
  if (kinds > 0) print "backends " kinds
  top(backends, 20, "backend")
  top(ports, 5, "port")
  top(targets, 10, "destination")
  top(sources, 10, "source")
  if (is_record) printf "~"
}'

# The file holds both families and opens no netlink socket; where the kernel is built without it, the tool is asked.
entries_section() {
  if [ -r /proc/net/nf_conntrack ]; then
    table "$table_entries"
    text=${text%"$newline"}
  else
    text=''
    status=missing
    read_uptime
    ! netlink_is_there || entries_of_tool
  fi
  entries_seen=$text
  section entries - 3000
}

entries_of_tool() {
  seconds_left
  status=timeout
  [ "$left" -ge 4 ] || return 0
  value=''
  case $table_timeouts in
    *nf_conntrack_tcp_timeout_established=*)
      value=${table_timeouts#*nf_conntrack_tcp_timeout_established=}
      value=${value%%"$newline"*}
      ;;
  esac
  text=$({
    bounded 3 conntrack -L 2>/dev/null | head -c "$kernel_most_bytes" | awk -v entries_most="$entries_most" \
      -v most="$kernel_most_bytes" -v lifetime="$value" -v counts_entries=1 "$read_links$newline$count_entries" 2>/dev/null
    printf '\n%s %s\n' "$MEDIC_NONCE" "$?"
  })
  split_exit_code
}
