# What a killed run left half done is finished or reverted before anything else, from its journal alone.
#
# A raise is finished when both running values have arrived: the node already runs with what was approved and only the
# files lag behind. In any other state it is reverted: somebody else may have moved a value, or the machine has booted
# since, and going forward from there was approved by nobody. Buckets stay high: shrinking stalls traffic once more and
# repairs nothing. Settings are finished and reverted by the same rule. A rollback is finished once the limit has been lowered, and reverted when it has not, for then the
# count has to be judged anew.
recovered=''
# shellcheck disable=SC2034 # Each of these is read by one script only.
recovered_incident='' recovered_buckets_from='' recovered_lines=''
journal_action=''

recover_earlier_run() {
  for journal_directory in "$state_directory" "$run_directory"; do
    rm -f "$journal_directory/journal.new" 2>/dev/null
    [ ! -e "$journal_directory/journal" ] || recover_journal
  done
}

recover_journal() {
  read_journal || fail interrupted-run-unfinished \
    "An earlier run was cut off and its journal $journal_directory/journal cannot be read or is not of root alone; nothing was changed. Look at it and at the node by hand, then remove it."
  # Where connection tracking is not loaded the values are empty: then none of them has arrived.
  read_running
  max_before=$max
  buckets_before=$buckets
  case $journal_action in
    raise)
      if [ "$max" = "$journal_max_to" ] && [ "${buckets:-0}" -ge "$journal_buckets_to" ]; then finish_change; else revert_raise; fi
      ;;
    settings)
      if all_arrived "$journal_settings"; then finish_change; else revert_settings; fi
      ;;
    rollback)
      if [ "$journal_lower" = yes ] && [ "$max" = "$journal_max_from" ]; then revert_rollback; else finish_rollback; fi
      ;;
  esac
  end_journal
  detail_before="An interrupted $journal_action of $journal_incident was $recovered first."
  # shellcheck disable=SC2034 # Only rollback answers with what was recovered.
  recovered_incident=$journal_incident recovered_lines=$result_lines
  result_lines=''
}

# read_journal: sets journal_*; a journal is renamed into place complete, so one without its end is none of ours.
read_journal() {
  [ -f "$journal_directory/journal" ] && is_ours "$journal_directory/journal" || return 1
  journal_action=''
  journal_undo_max=''
  journal_undo_buckets=''
  journal_undo_target=''
  journal_undo_settings=''
  journal_settings=''
  journal_end=no
  while read -r journal_key journal_a journal_b journal_c journal_d journal_e; do
    case $journal_key in
      action)
        journal_action=$journal_a
        journal_incident=$journal_b
        sound_incident "$journal_incident" || return 1
        ;;
      values)
        journal_max_from=$journal_a
        journal_max_to=$journal_b
        journal_buckets_from=$journal_c
        journal_buckets_to=$journal_d
        journal_lower=$journal_e
        for journal_number in "$journal_a" "$journal_b" "$journal_c" "$journal_d"; do
          sound_number "$journal_number" || return 1
        done
        ;;
      entry)
        sound_record "$journal_a" "$journal_b" "$journal_c" || return 1
        sound_settings "$journal_d" bounded || return 1
        journal_undo_max=$journal_a
        journal_undo_buckets=$journal_b
        journal_undo_target=$journal_c
        journal_undo_settings=$journal_d
        ;;
      settings)
        journal_settings=$journal_a
        sound_settings "$journal_settings" back || return 1
        ;;
      file) sound_state "$journal_b" && sound_state "$journal_c" || return 1 ;;
      end) journal_end=yes ;;
    esac
  done <"$journal_directory/journal"
  case $journal_action in raise | settings | rollback) ;; *) return 1 ;; esac
  [ "$journal_end" = yes ]
}

files_stuck() {
  fail interrupted-run-unfinished \
    "An earlier $journal_action of $journal_incident was cut off and its files cannot be put right; nothing new was begun. Make /etc writable, then send the command again."
}

finish_change() {
  put_files after written
  # A journal without an entry wrote no file.
  if [ -z "$journal_undo_max" ]; then
    :
  elif [ "$sysctl_failed" = no ]; then
    forget_unpersisted
  else
    remember_journal
  fi
  recovered=finished
}

remember_journal() {
  remember_unpersisted "$journal_incident" "$journal_undo_max" "$journal_undo_buckets" "$journal_undo_target" "$journal_undo_settings"
}

revert_settings() {
  put_files before restored || [ "$journal_directory" = "$run_directory" ] || files_stuck
  taken_back "$journal_settings"
  move_settings "$back"
  reset_store "$journal_settings"
  # shellcheck disable=SC2034 # Only settings asks for it.
  recovered_buckets_from=$journal_buckets_from
  recovered=reverted
}

revert_raise() {
  put_files before restored || [ "$journal_directory" = "$run_directory" ] || files_stuck
  # The limit arrived but the buckets are gone: lower it again, unless new flows would be refused for it.
  if [ "$max" = "$journal_max_to" ] && [ "$max" -gt "$journal_max_from" ] && [ "$journal_max_from" -gt 0 ]; then
    read_number /proc/sys/net/netfilter/nf_conntrack_count
    if [ -n "$number" ] && [ $((number * 10)) -le $((journal_max_from * 8)) ]; then write_max "$journal_max_from"; fi
    # What stays raised can be rolled back, and counts for the bound of later raises.
    read_number /proc/sys/net/netfilter/nf_conntrack_max
    if [ "$number" = "$journal_max_to" ] && [ -n "$journal_undo_max" ]; then remember_journal; fi
  fi
  reset_store "net.netfilter.nf_conntrack_buckets=$journal_buckets_from:$journal_buckets_to,net.netfilter.nf_conntrack_max=$journal_max_from:$journal_max_to"
  # shellcheck disable=SC2034 # Only raise asks for it.
  recovered_buckets_from=$journal_buckets_from
  recovered=reverted
}

finish_rollback() {
  move_settings "$journal_settings"
  put_files after restored || [ "$journal_directory" = "$run_directory" ] || files_stuck
  note_rolled_back "$journal_incident"
  recovered=finished
}

revert_rollback() {
  put_files before restored || [ "$journal_directory" = "$run_directory" ] || files_stuck
  taken_back "$journal_settings"
  move_settings "$back"
  recovered=reverted
}

# write_max <value>: fails when the kernel refuses it or another value can be read afterwards.
write_max() {
  write_value net.netfilter.nf_conntrack_max "$1" /proc/sys/net/netfilter/nf_conntrack_max
  read_number /proc/sys/net/netfilter/nf_conntrack_max
  [ "$number" = "$1" ]
}

# note_rolled_back <incident>: so that a second rollback can say that there is nothing left to do, and that no late command
# of the incident changes the node again. Where /var/lib takes no file it lasts until the next boot.
note_rolled_back() {
  for ledger_directory in "$state_directory" "$run_directory"; do
    own_directory "$ledger_directory" || continue
    ledger_file=$ledger_directory/rolled-back
    ledger_lines=$(tail -n 99 "$ledger_file" 2>/dev/null | grep -vx -e "$1")
    printf '%s\n' "$ledger_lines${ledger_lines:+$newline}$1" | write_new "$ledger_file.new" &&
      mv -f "$ledger_file.new" "$ledger_file" 2>/dev/null && sync_path "$ledger_directory" && break
  done
  if [ -e "$unpersisted_file" ]; then
    read_unpersisted_rest "$1"
    replace_unpersisted "$unpersisted_rest"
  fi
}

# read_unpersisted_rest <incident>: sets `unpersisted_rest` to what lives in /run alone, but for the newest change if it is of
# this incident. What an incident did before another one is beneath that and stays.
read_unpersisted_rest() {
  unpersisted_rest=''
  [ -e "$unpersisted_file" ] || return 0
  unpersisted_rest=$(cat "$unpersisted_file")
  case $unpersisted_rest in
    "# medic-incident $1 "*"$newline"*) unpersisted_rest=${unpersisted_rest#*"$newline"} ;;
    "# medic-incident $1 "*) unpersisted_rest='' ;;
  esac
}

# A change that could not be written to disk lives as long as the running value does: in /run. Newest first.
# remember_unpersisted <incident> <max> <buckets> <target> <settings>
remember_unpersisted() {
  read_unpersisted_rest "$1"
  replace_unpersisted "# medic-incident $1 max=$2 buckets=$3 target=$4${5:+ settings=$5}${unpersisted_rest:+$newline$unpersisted_rest}"
}

# The stack has taken in all of it.
forget_unpersisted() {
  rm -f "$unpersisted_file"
}

replace_unpersisted() {
  if [ -z "$1" ]; then
    forget_unpersisted
    return
  fi
  printf '%s\n' "$1" | write_new "$unpersisted_file.new" && mv -f "$unpersisted_file.new" "$unpersisted_file"
}
