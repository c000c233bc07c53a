# The first entries of the table's walk, counted here: the walk follows the hash, so its beginning is a fair sample, and
# it costs what is read (docs/collector.md tells how much). Never more than that of any table.
entries_most=5000

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
function is_late(   text) {
  text = ""
  getline text < "/proc/uptime"
  close("/proc/uptime")
  return text + 0 >= deadline
}
NR > most { exit }
deadline > 0 && NR % 500 == 0 && is_late() { cut = 1; exit }
{
  if (/[^ -~]/) gsub(/[^ -~]/, "?")
  size += length($0) + 1
  first = ($1 ~ /^ipv[46]$/) ? 3 : 1
  protocol = $first; left = $(first + 2); state = "-"; tuples = 0
  for (i = first + 2; i <= NF; i++) {
    key = substr($i, 1, 4)
    if (key == "src=") { tuples++; source[tuples] = substr($i, 5); sport[tuples] = "-"; dport[tuples] = "-" }
    else if (key == "dst=") target[tuples] = substr($i, 5)
    else if (key == "spor" && $i ~ /^sport=/) sport[tuples] = substr($i, 7)
    else if (key == "dpor" && $i ~ /^dport=/) { dport[tuples] = substr($i, 7); if (tuples == 2) break }
    else if (tuples == 0 && $i ~ /^[A-Z][A-Z_0-9]+$/) state = $i
  }
  if (tuples < 2) next
  looked++
  mark = "-"
  if (index($0, "[ASSURED]")) mark = "assured"
  if (index($0, "[UNREPLIED]")) mark = "unreplied"
  to = protocol " " target[1] " " dport[1]
  states[protocol " " state " " mark]++
  sources[source[1]]++
  targets[to]++
  if (dport[1] != "-") ports[protocol " " dport[1]]++
  if (protocol == "tcp" && (state == "SYN_SENT" || state == "SYN_SENT2" || state == "SYN_RECV")) {
    half++; half_sources[source[1]]++; half_targets[to]++
  }
  if (protocol == "tcp" && state == "ESTABLISHED") {
    established++
    if (lifetime != "" && lifetime - left >= 14400) idle++
  }
  if (source[1] != target[2]) translated[protocol " " target[2] " " source[2] " " sport[2]]++
  if (protocol == "udp" && (target[1] != source[2] || dport[1] != sport[2])) {
    to = dport[1] " " source[2] " " sport[2] " " mark " " target[1]
    if (backends[to]++ == 0) kinds++
    if (left + 0 > newest[to] + 0) newest[to] = left
  }
}
END {
  print "sampled=" (looked + 0) " complete=" (NR < most && size < bytes && !cut ? "yes" : "no")
  top(states, 16, "state")
  print "halfopen " (half + 0) " " highest(half_sources) " " highest(half_targets)
  if (lifetime != "") print "established " (established + 0) " " (idle + 0)
  top(translated, 8, "translated")
  if (kinds > 0) print "backends " kinds
  top(backends, 20, "backend")
  top(ports, 5, "port")
  top(targets, 10, "destination")
  top(sources, 10, "source")
}'

entries_section() {
  text=''
  status=missing
  read_uptime
  seconds_left
  if [ ! -r /proc/net/nf_conntrack ] && ! netlink_is_there; then
    :
  elif [ "$left" -lt 4 ]; then
    status=timeout
  else
    case $table_timeouts in
      *nf_conntrack_tcp_timeout_established=*)
        value=${table_timeouts#*nf_conntrack_tcp_timeout_established=}
        value=${value%%"$newline"*}
        ;;
      *) value='' ;;
    esac
    # The file holds both families and opens no netlink socket; where the kernel is built without it, the tool is asked.
    # On a node that is short of time what was read within two seconds is counted.
    if [ -r /proc/net/nf_conntrack ]; then
      text=$($within 3 awk -v most="$entries_most" -v bytes="$kernel_most_bytes" -v lifetime="$value" \
        -v deadline="$((${uptime%%.*} + 2))" "$count_entries" /proc/net/nf_conntrack 2>/dev/null)
      status_of "$?"
      [ "$status" = ok ] || text=''
    else
      text=$({
        bounded 3 conntrack -L 2>/dev/null | head -c "$kernel_most_bytes" |
          awk -v most="$entries_most" -v bytes="$kernel_most_bytes" -v lifetime="$value" "$count_entries" 2>/dev/null
        printf '\n%s %s\n' "$MEDIC_NONCE" "$?"
      })
      split_exit_code
    fi
  fi
  entries_seen=$text
  section entries - 3000
}
