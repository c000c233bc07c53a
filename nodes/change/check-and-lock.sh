# check_and_lock: how every script that changes a node begins, once its parameters are sound. Afterwards the node is ours
# alone, nothing on it is half done, and its values are read.
check_and_lock() {
  check_tools
  check_namespace
  check_store
  take_lock
  check_ours
  recover_earlier_run
  read_running
  if [ "$conntrack_optional" = no ] && { [ -z "$max" ] || [ -z "$buckets" ] || [ -z "$count" ]; }; then
    fail no-conntrack 'The running values of nf_conntrack cannot be read; nothing was changed.'
  fi
  max_before=$max
  buckets_before=$buckets
}
