# Listen queues and retransmissions are counted in the network namespace of each pod. /proc/PID/net shows them without
# entering it, so nothing is run there. At most 64 namespaces are read within two seconds. Both samples are printed once
# the second is there: first what changed most between them, one namespace a line, then the sum of all others. What was
# read is never left out, and what was not is told by the number of namespaces that were found.
pods_most=64
pods_counters='TcpPassiveOpens TcpEstabResets TcpInSegs TcpOutSegs TcpRetransSegs TcpOutRsts TcpExtListenOverflows TcpExtListenDrops TcpExtTCPAbortOnMemory'

# shellcheck disable=SC2016 # The dollars are awk's.
read_counters='
BEGIN { many = split(wanted, name, " ") }
$1 == "namespace" { inode[$2] = $3; next }
$1 ~ /^==.$/ { split($2, part, "/"); here = inode[part[3]]; header = ""; next }
$1 == "found" || $1 == "known" { print; next }
/^(Tcp|TcpExt): / {
  if ($1 != header) { header = $1; for (i = 2; i <= NF; i++) column[i] = $i; width = NF; next }
  prefix = substr($1, 1, length($1) - 1); header = ""
  if (NF != width) next
  if (prefix == "TcpExt") seen[here] = 1
  for (i = 2; i <= width; i++) value[here, prefix column[i]] = $i
}
END {
  for (one in seen) {
    line = "netns " one
    for (i = 1; i <= many; i++) line = line " " sprintf("%.0f", value[one, name[i]])
    print line
  }
}'

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

# With CAP_SYS_PTRACE (bit 19) only dead processes do not tell their namespace; without it living ones hide theirs.
may_ask_all() {
  while read -r ask_key ask_value; do
    [ "$ask_key" = CapEff: ] || continue
    case $ask_value in *[89a-f]????) return 0 ;; esac
    return 1
  done 2>/dev/null </proc/self/status
  return 1
}

# One process of each namespace other than our own: `<inode> <pid>` lines, `-` instead of the process where there are too
# many to be read, and before them the number of namespaces and of processes that would not tell theirs. Without the
# whole list it can't be told which namespace is new, so a list that was cut counts as one more that hides.
other_namespaces() {
  namespaces_hide=1
  ! may_ask_all || namespaces_hide=0
  bounded 2 sh -c 'ls -l /proc/[0-9]*/ns/net 2>/dev/null; echo listed' | awk -v own="$1" -v most="$pods_most" -v hide="$namespaces_hide" -v bytes="$list_most_bytes" '
    { size += length($0) + 1; if (size >= bytes) exit }
    $0 == "listed" { whole = 1; next }
    $(NF - 1) != "->" { hidden += hide; next }
    { inode = $NF; gsub(/[^0-9]/, "", inode); pid = $(NF - 2); sub(/^\/proc\//, "", pid); sub(/\/.*/, "", pid)
      if (inode == "" || inode == own || inode in known) next
      known[inode] = 1; found++
      list = list inode " " (found <= most ? pid : "-") "\n" }
    END { if (size >= bytes || !whole) hidden++; print (found + 0) " " (hidden + 0); printf "%s", list }' 2>/dev/null
}

# Prints which process stands for which namespace, then the counters of all, each under the name of its file. A pod that
# went away in between leaves a namespace without numbers, which is left out, and so does one for which time was too short.
read_namespaces() {
  IFS= read -r namespaces_found || return 1
  echo "found $namespaces_found"
  set --
  while read -r namespace_inode namespace_pid; do
    echo "known $namespace_inode"
    [ "$namespace_pid" != - ] || continue
    echo "namespace $namespace_pid $namespace_inode"
    set -- "$@" "/proc/$namespace_pid/net/snmp" "/proc/$namespace_pid/net/netstat"
  done
  [ "$#" -eq 0 ] || bounded 2 head -v -c "$file_most_bytes" "$@" 2>/dev/null
}

# read_pods: sets `text`, `status` and `uptime` to the counters of all namespaces that can be read in time.
read_pods() {
  text=''
  status=denied
  read_uptime
  seconds_left
  # Only root may ask for the namespace of other users' processes.
  [ -n "${user_id-}" ] || user_id=$(id -u)
  if [ "$user_id" != 0 ] || [ -z "$own_netns" ]; then
    :
  elif [ "$left" -lt 3 ]; then
    status=timeout
  else
    text=$({
      other_namespaces "$own_netns" | read_namespaces | awk -v wanted="$pods_counters" "$read_counters" 2>/dev/null
      printf '\n%s %s\n' "$MEDIC_NONCE" "$?"
    })
    split_exit_code
  fi
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
  pods_both=$(printf 'sample %s\n%s\nsample %s\n%s\n' "$pods_first_status" "$pods_first" "$status" "$text" |
    awk -v wanted="$pods_counters" "$pick_namespaces" 2>/dev/null)
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
