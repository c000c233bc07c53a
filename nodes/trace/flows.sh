# What the packets say of each connection, matched by the number it begins with, which NAT keeps, and the time stamp, which tells
# one attempt from the next. Those of one fate are counted together; of those that had trouble packets follow, as they were seen.
#
# Input: lines of point, time, kind, addresses and ports, number, acknowledged number, time stamp.
# A connection counts that begins in the whole seconds in which every point was looked at.
# Output: `flow` lines, and `trouble` lines of those that had some: how many, way, place seen first, port, pod, attempts, last place
# that saw the first attempt, last place that saw an answer to it, seconds to the answer and to the second attempt, refused, too late to
# judge. Then `point` lines of what each saw, and `own` lines of addresses of the node that a connection of these came from.
# shellcheck disable=SC2016 # Awk's.
sum_flows='
BEGIN {
  many = split(points, one, ";")
  for (i = 1; i <= many; i++) {
    split(one[i], field, " ")
    if (field[1] == "") continue
    stage[field[1]] = field[2] == "uplink" ? 0 : field[2] == "veth" ? 1 : 2
    pod[field[1]] = field[3]
  }
  letter[0] = "uplink"; letter[1] = "veth"; letter[2] = "pod"
  many = split(pods, one, ";")
  for (i = 1; i <= many; i++) {
    split(one[i], field, " "); sub(/^pod\./, "", field[1]); sub(/=.*/, "", field[1])
    k = field[2] == "-" ? 0 : split(field[2], part, ",")
    for (j = 1; j <= k; j++) { of_pod[field[1], part[j]] = 1; has_address[field[1]] = 1 }
  }
  find_own()
}
# The addresses of the node: thousands, where kube-proxy gives an interface those of all services.
function find_own(   row, cell, last, count) {
  while (++count < 200000 && (getline row < "/proc/net/fib_trie") > 0) {
    if (row ~ /\|-- [0-9.]+$/) { last = row; sub(/.*-- /, "", last) }
    else if (row ~ /\/32 host LOCAL/) is_own[last] = 1
  }
  count = 0
  while (++count < 20000 && (getline row < "/proc/net/if_inet6") > 0) {
    split(row, cell, " ")
    if (length(cell[1]) == 32) is_own[short_form(cell[1])] = 1
  }
}
NF != 10 || !($1 in stage) { next }
{
  point = $1; kind = $3; s = stage[point]; seen[point, kind]++
  at = $2 - begin
}
kind == "S" {
  f = $8
  if (!(f in attempts)) attempts[f] = 0
  a = ""
  for (i = 1; i <= attempts[f]; i++) {
    if ($10 != "-" ? stamp[f, i] == $10 : (at - begun[f, i] < 0.4 && begun[f, i] - at < 0.4)) { a = i; break }
  }
  if (a == "") { a = ++attempts[f]; stamp[f, a] = $10; begun[f, a] = at }
  if (at < begun[f, a]) begun[f, a] = at
  if (!((f, a, s) in reached) || at < reached[f, a, s]) { reached[f, a, s] = at; dport[f, s] = $7; source[f, s] = $4 }
  if (s > 0) {
    reached_pod[f] = pod[point]
    if (pod[point] in has_address) towards[f, s] = (pod[point], $4) in of_pod ? "out" : "in"
  }
  next
}
{
  f = $9 - 1; if (f < 0) f = 4294967295
  f = sprintf("%.0f", f)
  if (kind == "A") {
    many_answers[f, s]++
    answer[f, s, many_answers[f, s]] = at
  }
  else if (!((f, s) in reset) || at < reset[f, s]) reset[f, s] = at
}
END {
  for (f in attempts) {
    a1 = a2 = 0
    for (i = 1; i <= attempts[f]; i++) {
      if (!a1 || begun[f, i] < begun[f, a1]) { a2 = a1; a1 = i }
      else if (!a2 || begun[f, i] < begun[f, a2]) a2 = i
    }
    t1 = begun[f, a1]; t2 = a2 ? begun[f, a2] : ""
    way = "in"; start = -1
    for (s = 0; s <= 2; s++) if ((f, a1, s) in reached && (start < 0 || reached[f, a1, s] < reached[f, a1, start])) start = s
    if (start < 0 || t1 < 0 || t1 >= length_of_window) continue
    if (start == 0) { if (source[f, 0] in is_own) way = "out" }
    else if ((f, start) in towards) way = towards[f, start]
    else if (start == 2) way = "out"
    step = way == "in" ? 1 : -1
    deep = start
    for (s = start; s >= 0 && s <= 2; s += step) if ((f, a1, s) in reached) deep = s
    back = "-"; answered = ""
    for (s = way == "in" ? 2 : 0; s >= 0 && s <= 2; s -= step) {
      for (i = 1; i <= many_answers[f, s]; i++) {
        if (t2 == "" || answer[f, s, i] < t2) back = letter[s]
        if (s == start && (answered == "" || answer[f, s, i] - t1 < answered)) answered = answer[f, s, i] - t1
      }
    }
    refused = (f, start) in reset && answered == "" ? 1 : 0
    if (refused) answered = reset[f, start] - t1
    late = answered == "" && attempts[f] == 1 && length_of_window - t1 < 0.5 ? 1 : 0
    delay = answered == "" ? "-" : sprintf("%.1f", int(answered * 10) / 10)
    gap = a2 ? sprintf("%.1f", int((t2 - t1) * 10 + 0.5) / 10) : "-"
    p = f in reached_pod ? reached_pod[f] : "-"
    fate = way " " letter[start] " " dport[f, start] " " p " " attempts[f] " " letter[deep] " " back " " delay " " gap " " refused " " late
    count[fate]++
    flows++
    if ((a2 || answered == "" || answered >= 0.9) && !late) {
      trouble[f] = t1; troubled++; had_trouble[fate] = 1
      if (way == "out" && start == 0 && !(source[f, 0] in own_told) && ++own_many <= 8) { own_told[source[f, 0]] = 1; print "own", source[f, 0] }
    }
  }
  for (fate in count) print fate in had_trouble ? "trouble" : "flow", count[fate], fate
  for (i in stage) print "point", i, seen[i, "S"] + 0, seen[i, "A"] + 0, seen[i, "R"] + 0
  print "total", flows + 0, troubled + 0
  for (f in trouble) if (++shown <= 60) print "shown", f
}'

# The packets of the connections that are to be shown, from the same lines once more.
# shellcheck disable=SC2016 # Awk's.
show_packets='
$1 == "shown" && NF == 2 { wanted[$2] = 1; next }
NF != 10 { next }
{
  f = $3 == "S" ? $8 : sprintf("%.0f", ($9 == 0 ? 4294967295 : $9 - 1))
  if (f in wanted) { print f, $0 }
}'

sum_packets() {
  flows_text=$(awk -v points="$points_in_one" -v begin="$epoch_begins" -v length_of_window="$((epoch_ends - epoch_begins))" -v pods="$pods_in_one" "$short_form$sum_flows" "$trace_folder/lines" 2>/dev/null)
  case $flows_text in *shown*) ;; *) return 0 ;; esac
  # Whole connections only: those that no longer fit are left out with all their packets.
  packets_text=$(printf '%s\n' "$flows_text" | grep '^shown ' | awk "$show_packets" - "$trace_folder/lines" 2>/dev/null |
    sort -k1,1 -k3,3n |
    awk -v most="$packets_room" '
      $1 != last { if (last != "" && size + length(block) <= most) { printf "%s", block; size += length(block) } block = ""; last = $1 }
      { sub(/^[^ ]+ /, ""); block = block $0 "\n" }
      END { if (size + length(block) <= most) printf "%s", block }')
}
