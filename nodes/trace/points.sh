# Where packets are looked at: at the node's uplinks, at the host end of a pod's interface, and inside the pod: eight points at most. Pods
# are found by their network namespaces: those that accept most connections now, or that have the addresses asked for.
points=''
points_many=0
points_left_out=''
# Lines of each pod's namespace/name and addresses; "-" for what is not known.
pods_told=''
namespaces_most=512

# find_uplinks: sets `uplinks`: what was asked for, or the interface of the default route and the busiest other with a driver.
find_uplinks() {
  uplinks=''
  for uplink in $uplinks_given; do
    [ -d "/sys/class/net/$uplink" ] || refuse no-such-interface "There is no interface $uplink on this node; nothing was captured."
    uplinks="$uplinks $uplink"
  done
  [ -z "$uplinks" ] || return 0
  uplinks=$(
    {
      awk '$2 == "00000000" && $8 == "00000000" { print "0 " $1 }' /proc/net/route
      for uplink_path in /sys/class/net/*/device; do
        [ -e "$uplink_path" ] || continue
        uplink=${uplink_path%/device}
        [ "$(cat "$uplink/operstate" 2>/dev/null)" = up ] || continue
        printf '%s %s\n' "$(cat "$uplink/statistics/rx_packets" 2>/dev/null)" "${uplink##*/}"
      done | sort -rn | sed 's/^[0-9]* /1 /' | head -n 4
    } | awk '$2 ~ /^[A-Za-z0-9_][A-Za-z0-9._-]*$/ && !($2 in seen) && many < 2 { seen[$2] = 1; many++; printf " %s", $2 }'
  )
  [ -n "$uplinks" ] || refuse no-such-interface 'No uplink was found on this node: it has no default route and no interface with a driver; nothing was captured. Name one as uplink=NAME.'
}

# An IPv6 address as the kernel lists it, 32 digits, in the spelling of RFC 5952, which tcpdump and inet_ntop print.
# shellcheck disable=SC2016 # Awk's.
short_form='
function short_form(digits,   part, i, run, most, start, out) {
  most = 1; start = 8; run = 0; out = ""
  for (i = 0; i < 8; i++) {
    part[i] = substr(digits, 4 * i + 1, 4); sub(/^0+/, "", part[i])
    run = part[i] == "" ? run + 1 : 0
    if (run > most) { most = run; start = i - run + 1 }
  }
  for (i = 0; i < 8; i++) {
    if (i == start) { out = out "::"; i += most - 1; continue }
    out = out (out == "" || out ~ /::$/ ? "" : ":") (part[i] == "" ? "0" : part[i])
  }
  return out
}'

# In one process: how many connections each namespace has accepted, once more a second later, and the three with most between; or those
# with an address that was asked for. Lines: pid, inode, address asked for, accepted in that second, addresses, pod. Files
# under /proc/PID/net show a namespace without entering it.
#
# A pod is told by the UID in the cgroup that the kubelet made for it, the outermost of several, for a container can make its own. Folders
# of logs are called by namespace, name and UID. Two pods in one namespace, or two folders for one pod, tell nothing.
# shellcheck disable=SC2016 # Awk's.
find_namespaces='
function seconds(   text) { text = ""; getline text < "/proc/uptime"; close("/proc/uptime"); sub(/ .*/, "", text); return text + 0 }
function list(   row, part, target, i) {
  while ((lister | getline row) > 0) {
    i = index(row, "/"); if (!i) continue
    row = substr(row, i)
    if (!(i = index(row, " -> "))) continue
    target = substr(row, i + 4); split(substr(row, 1, i - 1), part, "/")
    gsub(/[^0-9]/, "", target)
    if (part[3] == "self") { own = target; continue }
    if (target == "") continue
    if (++shared[target] <= 16) pids[target] = pids[target] " " part[3]
    if (target in pid_of) continue
    pid_of[target] = part[3]; order[++all] = target
  }
  close(lister)
}
function accepted(pid,   path, row, cell, k, i, at, found) {
  path = "/proc/" pid "/net/snmp"; found = ""
  while ((getline row < path) > 0) {
    if (row !~ /^Tcp: /) continue
    k = split(row, cell, " ")
    if (!at) { for (i = 2; i <= k; i++) if (cell[i] == "PassiveOpens") at = i; if (!at) break; continue }
    found = cell[at]; break
  }
  close(path)
  return found
}
# The addresses of a namespace but those of its loopback.
function addresses(pid,   path, row, cell, last, found, count) {
  path = "/proc/" pid "/net/fib_trie"; found = " "
  while ((getline row < path) > 0 && ++count < 2000) {
    if (row ~ /\|-- [0-9.]+$/) { last = row; sub(/.*-- /, "", last) }
    else if (row ~ /\/32 host LOCAL/ && last !~ /^127\./ && !index(found, " " last " ")) found = found last " "
  }
  close(path)
  path = "/proc/" pid "/net/if_inet6"; count = 0
  while ((getline row < path) > 0 && ++count < 200) {
    split(row, cell, " ")
    if (cell[4] == "00" && cell[6] != "lo" && length(cell[1]) == 32) found = found short_form(cell[1]) " "
  }
  close(path)
  return found
}
# An IPv6 address however it is spelt: 32 digits.
function long_form(text,   half, left, right, part, i, k, j, out) {
  k = index(text, "::"); out = ""
  left = k ? substr(text, 1, k - 1) : text; right = k ? substr(text, k + 2) : ""
  i = left == "" ? 0 : split(left, part, ":")
  for (j = 1; j <= i; j++) out = out substr("0000" part[j], length(part[j]) + 1)
  half = ""
  k = right == "" ? 0 : split(right, part, ":")
  for (j = 1; j <= k; j++) half = half substr("0000" part[j], length(part[j]) + 1)
  while (length(out) + length(half) < 32) out = out "0"
  return out half
}
function uid_in(row,   i, uid) {
  if (!(i = index(row, "kubepods"))) return ""
  row = substr(row, i)
  while (match(row, /pod[0-9a-f][0-9a-f_-]*/)) {
    uid = substr(row, RSTART + 3, RLENGTH - 3); gsub(/_/, "-", uid)
    if (length(uid) == 36 ? uid ~ /^[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+$/ : length(uid) == 32 && uid !~ /-/) return uid
    row = substr(row, RSTART + RLENGTH)
  }
  return ""
}
function list_pods(   command, row, part, count) {
  command = "exec ls -1 /var/log/pods 2>/dev/null"; listed = 1
  while ((command | getline row) > 0 && ++count <= 8192) {
    if (split(row, part, "_") != 3 || length(part[1]) > 63 || length(part[2]) > 253) continue
    if (part[1] !~ /^[a-z0-9][a-z0-9-]*$/ || part[2] !~ /^[a-z0-9][a-z0-9.-]*$/ || part[1] ~ /-$/ || part[2] ~ /[.-]$/) continue
    row = part[3] in called ? "-" : part[1] "/" part[2]
    called[part[3]] = row
  }
  close(command)
}
function pod_in(inode,   many, one, i, path, row, uid, found, count) {
  many = split(pids[inode], one, " "); found = ""
  for (i = 1; i <= many; i++) {
    path = "/proc/" one[i] "/cgroup"; uid = ""; count = 0
    while (uid == "" && ++count <= 32 && (getline row < path) > 0) uid = uid_in(row)
    close(path)
    if (uid == "" || uid == found) continue
    if (found != "") return "-"
    found = uid
  }
  if (found == "") return "-"
  if (!listed) list_pods()
  return found in called ? called[found] : "-"
}
# At most four addresses, the one that was asked for first.
function show(inode, asked, has,   one, many, i, count, first, texts) {
  first = asked == "" ? "" : asked ~ /:/ ? short_form(long_form(asked)) : asked
  many = split(has, one, " "); texts = first; count = first == "" ? 0 : 1
  for (i = 1; i <= many && count < 4; i++) if (one[i] != first) { texts = texts (texts == "" ? "" : ",") one[i]; count++ }
  printf "%s %s %s %d %s %s\n", pid_of[inode], inode, asked == "" ? "-" : asked, rise[inode], texts == "" ? "-" : texts, pod_in(inode)
}
BEGIN {
  began = seconds(); list()
  if (wanted != "") {
    many = split(wanted, want, " ")
    for (k = 1; k <= all && seconds() - began < 5; k++) {
      if (order[k] == own) continue
      has = addresses(pid_of[order[k]])
      for (i = 1; i <= many; i++) {
        spelled = want[i] ~ /:/ ? short_form(long_form(want[i])) : want[i]
        if (index(has, " " spelled " ") && !(i in told)) { told[i] = 1; show(order[k], want[i], has) }
      }
    }
    exit
  }
  for (k = 1; k <= all; k++) {
    if (order[k] == own) continue
    if (k > most || seconds() - began > 2) { print "cut"; break }
    first[order[k]] = accepted(pid_of[order[k]])
  }
  system("sleep 1")
  for (inode in first) {
    now = accepted(pid_of[inode])
    if (now == "" || first[inode] == "") delete first[inode]
    else { rise[inode] = now - first[inode]; total[inode] = now }
  }
  for (i = 1; i <= 3; i++) {
    best = ""
    for (inode in first) if (best == "" || rise[inode] > rise[best] || (rise[inode] == rise[best] && total[inode] > total[best])) best = inode
    if (best == "" || total[best] == 0) break
    show(best, "", addresses(pid_of[best]))
    delete first[best]
  }
}'

# find_pods: sets `pods` to lines as find_namespaces prints them.
find_pods() {
  pods=$(bounded 12 awk -v wanted="${pods_given# }" -v most="$namespaces_most" \
    -v lister='exec ls -ln /proc/self/ns/net /proc/[0-9]*/ns/net 2>/dev/null' "$short_form$find_namespaces" 2>/dev/null 9>&-)
  case $pods in
    cut | cut"$newline"*)
      points_left_out="$points_left_out pods_beyond_$namespaces_most"
      pods=${pods#cut}
      pods=${pods#"$newline"}
      ;;
  esac
  for pod_wanted in $pods_given; do
    case "$pods$newline" in
      *" $pod_wanted "*) ;;
      *) refuse no-such-pod "No pod on this node has the address $pod_wanted; nothing was captured. It may have moved or ended: look at kubectl get pods -o wide." ;;
    esac
  done
}

# add_point <stage uplink|veth|pod> <pod number or 0> <interface> <pid in whose network it is, or 0> <address>: adds a line with its number.
add_point() {
  [ "$points_many" -lt 8 ] || return 0
  points=$points"$points_many $1 $2 $3 $4 $5"$newline
  points_many=$((points_many + 1))
}

# add_pod <number> <pid> <inode> <address>: its interface, and the host's end of that.
add_pod() {
  if ! command -v nsenter >/dev/null 2>&1 || ! command -v ip >/dev/null 2>&1; then
    points_left_out="$points_left_out pod$1=no-nsenter-or-ip"
    return 0
  fi
  # Between the list and now the process may have ended, and its number may stand for another.
  if [ "$(readlink "/proc/$2/ns/net" 2>/dev/null)" != "net:[$3]" ]; then
    points_left_out="$points_left_out pod$1=gone"
    return 0
  fi
  pod_link=$(bounded 3 nsenter --net="/proc/$2/ns/net" ip -o link 2>/dev/null |
    awk '$2 ~ /^[A-Za-z0-9_][A-Za-z0-9._-]*@if[0-9]+:$/ { sub(/:$/, "", $2); split($2, end, "@if"); print end[1] " " $1 + 0 " " end[2]; exit }')
  case $pod_link in
    ?*' '[0-9]*' '[0-9]*) ;;
    *)
      points_left_out="$points_left_out pod$1=not-entered"
      return 0
      ;;
  esac
  pod_host=$(bounded 3 grep -lx "${pod_link##* }" /sys/class/net/*/ifindex 2>/dev/null | head -n 1)
  pod_host=${pod_host%/ifindex}
  pod_host=${pod_host##*/}
  pod_index=${pod_link#* }
  # Each end names the other, or what has that number in our namespace is somebody else's.
  [ "$(cat "/sys/class/net/$pod_host/iflink" 2>/dev/null)" = "${pod_index% *}" ] || pod_host=''
  if sound_interface "$pod_host"; then add_point veth "$1" "$pod_host" 0 "$4"; else points_left_out="$points_left_out pod$1=no-host-end"; fi
  sound_interface "${pod_link%% *}" && add_point pod "$1" "${pod_link%% *}" "$2" "$4"
}

find_points() {
  find_pods
  for uplink in $uplinks; do add_point uplink 0 "$uplink" 0 -; done
  pod_number=0
  accepted_a_second=0
  while read -r pod_pid pod_inode _ pod_accepted pod_addresses pod_name; do
    case $pod_pid in '' | *[!0-9]*) continue ;; esac
    accepted_a_second=$((accepted_a_second + pod_accepted))
    pod_number=$((pod_number + 1))
    pods_told=$pods_told"pod.$pod_number=$pod_name $pod_addresses"$newline
    add_pod "$pod_number" "$pod_pid" "$pod_inode" "${pod_addresses%%,*}"
  done <<END
$pods
END
}
