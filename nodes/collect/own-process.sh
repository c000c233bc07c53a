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
