# Listen queues and retransmissions are counted in the network namespace of each pod. /proc/PID/net shows them without
# entering it, so nothing is run there. At most 64 namespaces are read within two seconds. Both samples are printed once
# the second is there: first what changed most between them, one namespace a line, then the sum of all others. What was
# read is never left out, and what was not is told by the number of namespaces that were found.
pods_most=64
pods_counters='TcpPassiveOpens TcpEstabResets TcpInSegs TcpOutSegs TcpRetransSegs TcpOutRsts TcpExtListenOverflows TcpExtListenDrops TcpExtTCPAbortOnMemory'

# A namespace of the second sample was there before, or began in between (nobody had it, and nobody hid theirs; or its
# counters went back: the kernel gives the number of one that ended to the next). Then its counters are its own rise.
# Where neither is sure it is neither printed nor added up, and so counts as not read.
# shellcheck disable=SC2016 # The dollars are awk's.
pick_namespaces='
BEGIN { many = split(wanted, name, " "); for (i = 1; i <= many; i++) place[name[i]] = i; sample = -1; room = 800 }
$1 == "sample" { sample++; was_read[sample] = $2 == "ok"; next }
$1 == "found" { found[sample] = $2; hidden[sample] = $3; next }
$1 == "known" { there[sample, $2] = 1; next }
$1 == "netns" {
  count[sample]++
  if (sample == 1) list[++listed] = $2
  held[sample, $2] = 1
  for (i = 1; i <= many; i++) value[sample, $2, i] = $(i + 2)
}
function row(kind, sample, one,   i, line) {
  line = kind " " one
  for (i = 1; i <= many; i++) line = line " " sprintf("%.0f", value[sample, one, i])
  return line "\n"
}
# Whether a is to be printed before b.
function is_before(a, b,   at, i) {
  split("TcpExtListenOverflows TcpExtListenDrops TcpExtTCPAbortOnMemory TcpPassiveOpens", at, " ")
  for (i = 1; i <= 4; i++) if (change[a, place[at[i]]] != change[b, place[at[i]]]) return change[a, place[at[i]]] > change[b, place[at[i]]]
  return 0
}
END {
  for (j = 1; j <= listed; j++) {
    one = list[j]; kind[one] = "netns"
    if ((0, one) in held) {
      for (i = 1; i <= many; i++) if (value[1, one, i] + 0 < value[0, one, i] + 0) kind[one] = "began"
    } else if (was_read[0] && hidden[0] == 0 && !((0, one) in there)) kind[one] = "began"
    else if (was_read[0]) continue
    for (i = 1; i <= many; i++) change[one, i] = value[1, one, i] - (kind[one] == "began" ? 0 : value[0, one, i])
    left[one] = 1; many_left++
  }
  for (shown = 0; shown < 8; shown++) {
    best = ""
    for (one in left) if (best == "" || is_before(one, best)) best = one
    if (best == "") break
    second = row(kind[best], 1, best)
    size += length(second)
    if (size > room) break
    rows[1] = rows[1] second
    if (kind[best] == "netns" && was_read[0]) rows[0] = rows[0] row("netns", 0, best)
    delete left[best]; many_left--
  }
  if (was_read[0] && many_left > 0) {
    for (one in left) for (i = 1; i <= many; i++) {
      value[1, many_left, i] += value[1, one, i]
      if (kind[one] != "began") value[0, many_left, i] += value[0, one, i]
    }
    for (i = 0; i < 2; i++) rows[i] = rows[i] row("others", i, many_left)
  }
  for (sample = 0; sample < 2; sample++)
    printf "namespaces=%d read=%d hidden=%d\nnames %s\n%s--\n", found[sample], count[sample], hidden[sample], wanted, rows[sample]
}'

# read_pods: sets `text`, `status` and `uptime` to what the record of the pods says.
read_pods() {
  table "$table_pods"
  case $text in
    'uptime '*)
      uptime=${text#uptime }
      uptime=${uptime%%"$newline"*}
      text=${text#*"$newline"}
      ;;
  esac
}

# What a section of them takes at most, which is set aside until both are printed.
pods_most_characters=1000

first_pods() {
  read_pods
  pods_first=$text
  pods_first_status=$status
  pods_first_uptime=$uptime
  room=$((room - 2 * pods_most_characters - 200))
}

pods_sections() {
  read_pods
  pods_status=$status
  pods_uptime=$uptime
  # Either section holds what both samples are needed for.
  case "$pods_first_status $pods_first $status $text" in
    'ok found 0 0 ok found 0 0')
      pods_none="namespaces=0 read=0 hidden=0${newline}names $pods_counters"
      pods_both=$pods_none$newline--$newline$pods_none$newline--
      ;;
    *)
      pods_both=$(printf 'sample %s\n%s\nsample %s\n%s\n' "$pods_first_status" "$pods_first" "$status" "$text" |
        awk -v wanted="$pods_counters" "$pick_namespaces" 2>/dev/null)
      ;;
  esac
  case $pods_both in
    *"$newline--$newline"*) ;;
    *)
      pods_both=$newline--$newline
      pods_first_status=missing
      pods_status=missing
      ;;
  esac
  room=$((room + 2 * pods_most_characters + 200))
  pods_text=${pods_both#*"$newline--$newline"}
  text=''
  status=$pods_first_status
  uptime=$pods_first_uptime
  [ "$status" != ok ] || text=${pods_both%%"$newline--$newline"*}
  section pods 0 "$pods_most_characters"
  text=''
  status=$pods_status
  uptime=$pods_uptime
  [ "$status" != ok ] || text=${pods_text%"$newline--"}
  section pods 1 "$pods_most_characters"
}
