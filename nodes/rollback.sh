# Takes back what raise did for one incident: its files byte for byte, and the running limit where it is still ours.
check_incident
enter_node

if [ "$recovered $journal_action $recovered_incident" = "finished rollback $MEDIC_INCIDENT" ]; then
  result_lines=$recovered_lines
  finish rolled-back '' "Nothing was left to do: the limit is $max."
fi
read_stack

# Which raise is on top: one that lives in /run alone is newer than any in the file.
on_top=$top_incident
unpersisted=no
{ read -r newest_hash newest_tag newest_id newest_max newest_buckets newest_target <"$unpersisted_file"; } 2>/dev/null &&
  [ "$newest_hash $newest_tag" = '# medic-incident' ] && {
  on_top=$newest_id
  unpersisted=yes
}

if [ "$on_top" != "$MEDIC_INCIDENT" ]; then
  case " $stack_incidents " in
    *" $MEDIC_INCIDENT "*)
      refuse not-our-incident "The raise of $on_top came after this one and has to be rolled back first; nothing was changed."
      ;;
  esac
  if grep -qx -e "$MEDIC_INCIDENT" "$ledger_file" 2>/dev/null; then
    finish unchanged '' 'This incident was rolled back before; nothing was left to do.'
  fi
  if [ -n "$on_top" ]; then
    refuse not-our-incident "The raise on this node belongs to $on_top, not to this incident; nothing was changed."
  fi
  refuse nothing-to-roll-back 'No raise of this incident is recorded on this node; nothing was changed.'
fi

has_files=no
if [ "$top_incident" = "$MEDIC_INCIDENT" ]; then has_files=yes; fi
if [ "$unpersisted" = yes ]; then
  in_file_max=$top_max
  in_file_buckets=$top_buckets
  parse_incident_line "$newest_max" "$newest_buckets" "$newest_target"
  [ "$stack_broken" = no ] || fail header-unreadable "$unpersisted_file cannot be read; nothing was changed. Look at the node by hand."
  if [ "$has_files" = yes ]; then
    top_max=$in_file_max
    top_buckets=$in_file_buckets
  fi
fi

# The limit is lowered only where it still is what our raise set: what somebody else has set since is theirs.
lower=no
if [ "$max" = "$top_target" ] && [ "$top_max" -gt 0 ] && [ "$top_max" -lt "$max" ]; then
  lower=yes
  # Nothing is evicted by lowering, but every new flow would be refused until the count has fallen.
  if [ $((count * 10)) -gt $((top_max * 8)) ]; then
    refuse count-too-high "$count entries are in use and the limit before the raise was $top_max: above 80 % of it ($((top_max * 8 / 10))) new flows would be refused. Files and limit were left; try again when the load is down."
  fi
fi

journal_files=''
if [ "$has_files" = yes ]; then
  for rolled_path in "$sysctl_file" "$modules_file" "$modprobe_file"; do
    restored_state "$rolled_path"
    [ -n "$state" ] || continue
    rolled_after=$state
    state_of "$rolled_path" || refuse unexpected-file "$rolled_path is not a plain file of a sane size; nothing was changed. Look at it by hand."
    journal_file_line "$rolled_path" "$state" "$rolled_after"
  done
fi
begin rollback "$max" "$top_max" "$buckets" "$top_buckets" "$lower"
if [ "$lower" = yes ] && ! write_max "$top_max"; then
  end_journal
  fail write-failed "The kernel did not take $top_max as the limit and reads ${number:-nothing}; the files were left."
fi
if ! put_files after restored; then
  end_journal
  fail write-failed "The running limit is dealt with, but not every file could be put back, so a reboot brings the raise back. Make /etc writable and roll back again."
fi
note_rolled_back "$MEDIC_INCIDENT"
end_journal

detail_buckets=''
if [ "$buckets" -gt "$top_buckets" ]; then
  detail_buckets=" Buckets stay at $buckets (before: $top_buckets): shrinking them would stall traffic once more."
fi
if [ "$lower" = yes ]; then
  finish rolled-back '' "The limit went back from $max_before to $top_max and the files are as they were.$detail_buckets"
fi
if [ "$max" = "$top_max" ]; then
  finish rolled-back '' "The files are as they were; the limit was $top_max already.$detail_buckets"
fi
finish rolled-back '' "The files are as they were; the limit is $max, which somebody else has set since, and was left.$detail_buckets"
