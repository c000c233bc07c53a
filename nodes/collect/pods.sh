# Listen queues and retransmissions are counted in the network namespace of each pod. /proc/PID/net shows them without
# entering it, so nothing is run there. At most 64 namespaces are read within two seconds; those with overflows, then
# those that accepted most, are printed.
pods_most=64

# shellcheck disable=SC2016 # The dollars are awk's.
pick_namespaces='
BEGIN { wanted = "TcpPassiveOpens TcpEstabResets TcpInSegs TcpOutSegs TcpRetransSegs TcpOutRsts TcpExtListenOverflows TcpExtListenDrops TcpExtTCPAbortOnMemory"; many = split(wanted, name, " ") }
$1 == "namespace" { inode[$2] = $3; next }
$1 ~ /^==.$/ { split($2, part, "/"); here = inode[part[3]]; header = ""; next }
$1 == "found" { found = $2; hidden = $3; next }
/^(Tcp|TcpExt): / {
  if ($1 != header) { header = $1; for (i = 2; i <= NF; i++) column[i] = $i; width = NF; next }
  prefix = substr($1, 1, length($1) - 1); header = ""
  if (NF != width) next
  if (prefix == "TcpExt" && !(here in seen)) { seen[here] = 1; read_in++ }
  for (i = 2; i <= width; i++) value[here, prefix column[i]] = $i
}
END {
  print "namespaces=" (found + 0) " read=" (read_in + 0) " hidden=" (hidden + 0)
  print "names " wanted
  for (shown = 0; shown < 8; shown++) {
    best = ""
    for (one in seen) {
      overflows = value[one, "TcpExtListenOverflows"] + 0; accepted = value[one, "TcpPassiveOpens"] + 0
      if (best == "" || overflows > most_overflows || (overflows == most_overflows && accepted > most_accepted)) {
        best = one; most_overflows = overflows; most_accepted = accepted
      }
    }
    if (best == "") break
    line = "netns " best
    for (i = 1; i <= many; i++) line = line " " (value[best, name[i]] + 0)
    print line
    delete seen[best]
  }
}'

# With CAP_SYS_PTRACE (bit 19) only dead processes do not tell their namespace; without it living ones hide theirs.
may_ask_all() {
  case $(plain /proc/self/status | sed -n 's/^CapEff:.*\(.\)....$/\1/p') in
    [89a-f]) return 0 ;;
  esac
  return 1
}

# One process of each namespace other than our own: `<inode> <pid>` lines, before them the number of namespaces and of
# processes that would not tell theirs.
other_namespaces() {
  namespaces_hide=1
  ! may_ask_all || namespaces_hide=0
  bounded 2 sh -c 'ls -l /proc/[0-9]*/ns/net 2>/dev/null' | head -c "$list_most_bytes" | awk -v own="$1" -v most="$pods_most" -v hide="$namespaces_hide" -v bytes="$list_most_bytes" '
    { size += length($0) + 1 }
    $(NF - 1) != "->" { hidden += hide; next }
    { inode = $NF; gsub(/[^0-9]/, "", inode); pid = $(NF - 2); sub(/^\/proc\//, "", pid); sub(/\/.*/, "", pid)
      if (inode == "" || inode == own || inode in known) next
      known[inode] = 1; found++
      if (found <= most) list = list inode " " pid "\n" }
    END { if (size >= bytes) hidden++; print (found + 0) " " (hidden + 0); printf "%s", list }' 2>/dev/null
}

# Prints which process stands for which namespace, then the counters of all, each under the name of its file. A pod that
# went away in between leaves a namespace without numbers, which is left out, and so does one for which time was too short.
read_namespaces() {
  IFS= read -r namespaces_found || return 1
  echo "found $namespaces_found"
  set --
  while read -r namespace_inode namespace_pid; do
    echo "namespace $namespace_pid $namespace_inode"
    set -- "$@" "/proc/$namespace_pid/net/snmp" "/proc/$namespace_pid/net/netstat"
  done
  [ "$#" -eq 0 ] || bounded 2 head -v -c "$file_most_bytes" "$@" 2>/dev/null
}

pods_section() {
  text=''
  status=denied
  read_uptime
  seconds_left
  netns_of self
  # Only root may ask for the namespace of other users' processes.
  if [ "$(id -u)" != 0 ] || [ -z "$netns" ]; then
    :
  elif [ "$left" -lt 3 ]; then
    status=timeout
  else
    text=$({
      other_namespaces "$netns" | read_namespaces | awk "$pick_namespaces" 2>/dev/null
      printf '\n%s %s\n' "$MEDIC_NONCE" "$?"
    } | printable)
    split_exit_code
  fi
  section pods "$1" 1000
}
