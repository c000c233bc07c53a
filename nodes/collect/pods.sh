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

# read_timed <record>: sets `text`, `status` and `uptime` to what a record says that begins with when it was read.
read_timed() {
  table "$1"
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
  read_timed "$table_pods"
  pods_first=$text
  pods_first_status=$status
  pods_first_uptime=$uptime
  room=$((room - 2 * pods_most_characters - 200))
}

pods_sections() {
  read_timed "$table_pods"
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

# The sockets of pods are no counters: they are read with the second sample, and have a section of their own that leaves
# `pods` as it is. In use are those of both families (net/ipv4/proc.c, net/ipv6/proc.c: sock_prot_inuse_get of the namespace),
# in TIME_WAIT those of both in one count, by namespace since 4.1; orphaned ones, allocations and memory are those of the whole
# machine and are left out. States are counted line by line: for each family the kernel walks the sockets of all namespaces, 4 ms
# and more at a time. So they are counted only in the eight namespaces with most sockets, where ten or more are in use, at most
# so many lines a family, within the two seconds that the pods have in all. A family without a socket in use has no state but
# TIME_WAIT.
pod_states_most=5000

# A pod is told by the UID in the cgroup that the kubelet has made for it: of several in one path the outermost, for a container can
# make some in its own. The folders of logs are called by namespace, name and UID. Two pods in one namespace, or two folders
# for one pod, tell nothing.
# shellcheck disable=SC2016 # The dollars are awk's.
read_pod_sockets='
# The states by their codes, and before them whether all sockets were counted, the first ones, or none.
function states_in(k,   family, path, row, lines, got, by_state, text) {
  text = "all"
  for (family = 4; family <= 6; family += 2) {
    if (in_use[k, family] + 0 == 0) continue
    path = folder[k] "/net/tcp" (family == 4 ? "" : "6"); lines = 0
    while ((got = (getline row < path)) > 0) {
      if (++lines == 1) continue
      if (lines > states_most + 1) { text = "first"; break }
      # Behind the number are two addresses with ports, then the state.
      by_state[substr(row, index(row, ":") + (family == 4 ? 30 : 78), 2)]++
    }
    close(path)
    if (lines == 0 || got < 0) return "none"
  }
  for (row in by_state) text = text " " row "=" by_state[row]
  return text
}
function list_pods(   command, row, part) {
  command = "exec ls -1 /var/log/pods"
  while ((command | getline row) > 0 && ++folders <= 8192) {
    if (length(row) > 200 || row !~ /^[a-z0-9-]+_[a-z0-9.-]+_[0-9a-f-]+$/) continue
    split(row, part, "_")
    row = part[3] in called ? "-" : part[1] "/" part[2]
    called[part[3]] = row
  }
  close(command)
}
function pod_in(netns,   k, row, uid, pod, looked) {
  for (k = 1; k <= processes && looked < 16; k++) {
    if (inode[k] != netns) continue
    looked++
    row = line_like("kubepods", "/proc/" pid[k] "/cgroup")
    if (!match(row, /pod[0-9a-f][0-9a-f_-]*/)) continue
    uid = substr(row, RSTART + 3, RLENGTH - 3); gsub(/_/, "-", uid)
    if (pod != "" && uid != pod) return "-"
    pod = uid
  }
  if (pod != "" && !folders) list_pods()
  return pod in called ? called[pod] : "-"
}
function print_pod_sockets(   k, began, best, most, cell, read, rest, told, added) {
  if (!is_root || own == "") { printf "denied\n~"; return }
  began = seconds()
  for (k = 1; k <= found; k++) {
    if (k % 8 == 0 && seconds() - pods_began >= 2) break
    if (!(k in connected) || split(line_like("^TCP: inuse ", folder[k] "/net/sockstat"), cell, " ") < 7) continue
    in_use[k, 4] = cell[3]; waiting[k] = cell[7]
    in_use[k, 6] = split(line_like("^TCP6: inuse ", folder[k] "/net/sockstat6"), cell, " ") < 3 ? 0 : cell[3]
    sockets[k] = in_use[k, 4] + in_use[k, 6]
    read++
  }
  printf "ok\nuptime %s\nnamespaces=%d hidden=%d", began, found, hidden
  for (rest = read; rest > read - 8 && rest > 0; rest--) {
    most = -1
    for (k in sockets) if (sockets[k] + waiting[k] > most) { best = k; most = sockets[k] + waiting[k] }
    told = sockets[best] > 9 && seconds() - pods_began < 2 ? states_in(best) : "none"
    printf "\nnetns %s %.0f %.0f %.0f %s %s", listed[best], connected[best], waiting[best], sockets[best], pod_in(listed[best]), told
    delete sockets[best]
  }
  for (k in sockets) { added[1] += connected[k]; added[2] += waiting[k]; added[3] += sockets[k] }
  if (rest > 0) printf "\nothers %d %.0f %.0f %.0f", rest, added[1], added[2], added[3]
  close_record()
}'

# It comes last, and takes only what the others leave: nothing is decided by it.
pod_sockets_section() {
  read_timed "$table_pod_sockets"
  section pod_sockets 1 2000
}
