# What the links under /proc tell: in which network namespace each process is. One ls reads them for all that is asked about
# processes, pods and drivers, started by the awk that reads the kernel's tables. Nothing under /proc/PID can hold a reader up.

# By number, or ls would ask for the names of owners. In this order a list that has our own links has all processes before.
list_links='exec ls -ln /proc/[0-9]*/ns/net /proc/self/ns/net /proc/self/ns/pid /sys/class/net/*/device/driver 2>/dev/null'

# Three records: links (our own network namespace, that of PID 1, our process namespace, the driver of each interface),
# processes (those that may be the node's own by their name) and pods. The sockets of pods come after these (pods.sh).
# shellcheck disable=SC2016 # The dollars are awk's.
read_links='
function seconds(   text) {
  text = ""
  getline text < "/proc/uptime"
  close("/proc/uptime")
  sub(/ .*/, "", text)
  return text
}
# The first line of a file that is like a pattern.
function line_like(pattern, path,   row) {
  while ((getline row < path) > 0 && row !~ pattern) row = ""
  close(path)
  return row
}
function close_record() { printf "~" }
function list_links(   row, cell, path, part, target, size, i) {
  while ((getline row < "/proc/self/status") > 0) {
    split(row, cell, " ")
    if (cell[1] == "Uid:") is_root = cell[3] == "0"
    # With CAP_SYS_PTRACE (bit 19) only dead processes do not tell their namespace; without it living ones hide theirs.
    if (cell[1] == "CapEff:") asks_all = substr(cell[2], length(cell[2]) - 4, 1) ~ /[89a-f]/
  }
  close("/proc/self/status")
  while ((lister | getline row) > 0) {
    size += length(row) + 1
    if (size > list_most) break
    if (!(i = index(row, "/"))) continue
    path = substr(row, i); target = ""
    if (i = index(path, " -> ")) { target = substr(path, i + 4); path = substr(path, 1, i - 1) }
    split(path, part, "/")
    if (part[2] == "sys") {
      sub(/.*\//, "", target)
      # A tilde would end the record.
      if (part[5] !~ /[^ -}]/) drivers = drivers "\ndriver " part[5] " " (target ~ /[^ -}]/ ? "?" : target)
      continue
    }
    gsub(/[^0-9]/, "", target)
    if (part[3] != "self") { pid[++processes] = part[3]; inode[processes] = target }
    else if (part[5] == "net") own = target
    else own_pids = target
    if (part[3] == "1") first = target
  }
  close(lister)
}
function print_links() {
  # The tables are complete.
  fflush()
  list_links()
  if (own == "") printf "missing\n"
  else printf "ok\nown %s\nfirst %s\npids %s%s", own, first, own_pids, drivers
  close_record()
}
# One in another namespace can not be the node, whatever its name.
function print_processes(   k, path, name) {
  print (own == "" ? "missing" : "ok")
  for (k = 1; own != "" && k <= processes; k++) {
    if (inode[k] != own && inode[k] != "") continue
    path = "/proc/" pid[k]
    name = line_like(".", path "/comm")
    if (name == "kube-proxy" || name == "tuned" || name == "bpftune") print path
  }
  close_record()
}
# Sets value[name] to the counters of a namespace; whether it told any.
function read_counters(folder,   file, path, row, cell, column, header, width, prefix, size, i, k, told) {
  split("", value)
  for (file = 1; file <= 2; file++) {
    path = folder (file == 1 ? "/net/snmp" : "/net/netstat"); header = ""; size = 0
    while ((getline row < path) > 0) {
      size += length(row) + 1
      if (size > file_most) break
      if (row !~ /^(Tcp|TcpExt): /) continue
      k = split(row, cell, " ")
      if (cell[1] != header) { header = cell[1]; width = k; for (i = 2; i <= k; i++) column[i] = cell[i]; continue }
      prefix = substr(header, 1, length(header) - 1); header = ""
      if (k != width) continue
      if (prefix == "TcpExt") told = 1
      for (i = 2; i <= k; i++) value[prefix column[i]] = cell[i]
    }
    close(path)
  }
  return told
}
# The number of namespaces and of processes that would not tell theirs, then all, and the counters of those that are read.
# Without the whole list it can not be told which namespace is new, so a list that was cut counts as one more that hides.
# A pod that went away in between is left out, and so does one for which time was too short.
function print_pods(   k, i, many, name, line) {
  if (!is_root || own == "") { printf "denied\n~"; return }
  pods_began = seconds()
  for (k = 1; k <= processes; k++) {
    if (inode[k] == "") { if (!asks_all) hidden++; continue }
    if (inode[k] == own || inode[k] in known) continue
    known[inode[k]] = 1
    listed[++found] = inode[k]; folder[found] = "/proc/" pid[k]
  }
  printf "ok\nuptime %s\nfound %d %d", pods_began, found, hidden
  many = split(pods_counters, name, " ")
  for (k = 1; k <= found; k++) {
    printf "\nknown %s", listed[k]
    if (k % 8 == 0 && seconds() - pods_began >= 2) pods_most = 0
    if (k > pods_most || !read_counters(folder[k])) continue
    connected[k] = value["TcpCurrEstab"]
    line = "netns " listed[k]
    for (i = 1; i <= many; i++) line = line " " sprintf("%.0f", value[name[i]])
    printf "\n%s", line
  }
  close_record()
}'

# read_link_record: sets `own_netns`, `first_netns`, `own_pids` and `drivers` from the list, or one by one where there is none.
read_link_record() {
  table "$table_links"
  if [ "$status" = ok ]; then
    own_netns=${text#own }
    own_netns=${own_netns%%"$newline"*}
    first_netns=${text#*"$newline"first }
    first_netns=${first_netns%%"$newline"*}
    own_pids=${text#*"$newline"pids }
    own_pids=${own_pids%%"$newline"*}
    drivers=$text$newline
  else
    netns_of self
    own_netns=$netns
    netns_of 1
    first_netns=$netns
    own_pids=$(readlink /proc/self/ns/pid 2>/dev/null)
    own_pids=${own_pids#'pid:['}
    own_pids=${own_pids%']'}
    drivers=''
  fi
}

# netns_of <pid>: sets `netns` to the inode number of its network namespace, or to nothing.
netns_of() {
  netns=$(readlink "/proc/$1/ns/net" 2>/dev/null)
  netns=${netns#'net:['}
  netns=${netns%']'}
  case $netns in *[!0-9]*) netns='' ;; esac
}

# driver_of <interface>: sets `driver`.
driver_of() {
  driver=''
  case $drivers in
    *"${newline}driver $1 "*)
      driver=${drivers#*"${newline}driver $1 "}
      driver=${driver%%"$newline"*}
      ;;
    '')
      driver=$(readlink "/sys/class/net/$1/device/driver" 2>/dev/null)
      driver=${driver##*/}
      case $driver in *[!\ -~]*) driver='?' ;; esac
      ;;
  esac
}
