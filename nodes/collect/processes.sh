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
