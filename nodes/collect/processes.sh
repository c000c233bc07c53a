# Anybody may give a process any name, in a container too. One is the node's own where root runs it in the network
# namespace that the collector runs in; what is somebody else's counts as absent.

# judge_process <folder in /proc>: sets `owner` to node, to other, also where it has ended, or to unknown where its uid or
# its network namespace can not be read. Nothing is started for it: a crowd of such processes costs no time.
judge_process() {
  owner=''
  while [ -z "$owner" ] && read -r judge_key judge_first judge_second _; do
    case "$judge_key $judge_first $judge_second" in
      'State: '[ZX]*) owner=other ;;
      'Uid: 0 0') owner=root ;;
      'Uid: '*) owner=other ;;
    esac
  done 2>/dev/null <"$1/status"
  # shellcheck disable=SC3013 # dash, busybox and bash all have -ef.
  if [ "$owner" != other ] && ! [ -d "$1" ]; then
    owner=other
  elif [ "$owner" != root ]; then
    owner=${owner:-unknown}
  elif ! [ -e "$1/ns/net" ] || ! [ -e /proc/self/ns/net ]; then
    owner=unknown
    [ -d "$1" ] || owner=other
  elif [ "$1/ns/net" -ef /proc/self/ns/net ]; then
    owner=node
  else
    owner=other
  fi
}

# judged <pid or unknown or nothing> <folder in /proc>: sets `pid` to the node's own process, the first one of that name.
judged() {
  pid=$1
  case $pid in '' | unknown) ;; *) return 0 ;; esac
  judge_process "$2"
  case $owner in
    node) pid=${2#/proc/} ;;
    unknown) pid=unknown ;;
  esac
}

# find_processes: sets `kube_proxy_pid`, `tuned_pid` and `bpftune_pid` to the node's own process of that name, to `unknown`
# or to nothing, and `processes` to ok, or to timeout when not all could be looked at.
find_processes() {
  processes=ok
  kube_proxy_pid=''
  # Where the node's processes can not be seen, as in a container, none is absent. The number of the machine's own
  # namespace of processes is fixed (include/linux/proc_ns.h, PROC_PID_INIT_INO).
  [ "$own_pids" = 4026531836 ] || kube_proxy_pid=unknown
  tuned_pid=$kube_proxy_pid
  bpftune_pid=$kube_proxy_pid
  find_looked_at=0
  table "$table_processes"
  if [ "$status" = ok ]; then
    # shellcheck disable=SC2086 # The folders are to be split.
    set -- $text
  else
    set -- /proc/[0-9]*
  fi
  for find_path; do
    find_looked_at=$((find_looked_at + 1))
    if [ $((find_looked_at % 500)) -eq 0 ]; then
      seconds_left
      if [ "$left" -lt 1 ]; then
        processes=timeout
        return 0
      fi
    fi
    { read -r find_name <"$find_path/comm"; } 2>/dev/null || continue
    case $find_name in
      kube-proxy)
        judged "$kube_proxy_pid" "$find_path"
        kube_proxy_pid=$pid
        ;;
      tuned)
        judged "$tuned_pid" "$find_path"
        tuned_pid=$pid
        ;;
      bpftune)
        judged "$bpftune_pid" "$find_path"
        bpftune_pid=$pid
        ;;
    esac
  done
}
