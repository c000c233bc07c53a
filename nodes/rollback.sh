# Takes back what raise and settings did for one incident: its files byte for byte, and the running values where they
# still are ours. Files are put back even where connection tracking is not loaded any more.
check_incident
conntrack_optional=yes
check_and_lock

# What a cut-off rollback of this incident had left is part of this answer.
if [ "$recovered $journal_action $recovered_incident" = "finished rollback $MEDIC_INCIDENT" ]; then
  result_lines=$recovered_lines
  finish rolled-back '' "Nothing was left to do: the limit is ${max:-not there, as nf_conntrack is not loaded}."
fi
read_stack

# Which change is on top: one that lives in /run alone is newer than any in the file.
on_top=$top_incident
read_unpersisted
read_first_buckets
if [ -n "$newest_incident" ]; then on_top=$newest_incident; fi

if [ "$on_top" != "$MEDIC_INCIDENT" ]; then
  case " $stack_incidents " in
    *" $MEDIC_INCIDENT "*)
      refuse not-our-incident "The change of $on_top came after this one and has to be rolled back first; nothing was changed."
      ;;
  esac
  if was_rolled_back "$MEDIC_INCIDENT"; then
    finish unchanged '' 'This incident was rolled back before; nothing was left to do.'
  fi
  if [ -n "$on_top" ]; then
    refuse not-our-incident "The change on this node belongs to $on_top, not to this incident; nothing was changed."
  fi
  refuse nothing-to-roll-back 'No change of this incident is recorded on this node; nothing was changed.'
fi

has_files=no
if [ "$top_incident" = "$MEDIC_INCIDENT" ] && [ -z "$others" ]; then has_files=yes; fi
if [ -n "$newest_incident" ]; then
  top_target=$newest_target
  if [ "$has_files" = yes ]; then
    merge_settings "$top_settings" "$newest_settings"
    top_settings=$merged
  else
    top_max=$newest_max
    top_buckets=$newest_buckets
    top_settings=$newest_settings
  fi
fi
note_values "$top_settings"

# neighbours_in_use <ipv4|ipv6>: sets `number` to how many neighbours the node knows, or empties it.
neighbours_in_use() {
  case $1 in ipv4) neighbours_file=arp_cache ;; *) neighbours_file=ndisc_cache ;; esac
  number=''
  { { read -r _ && read -r neighbours_hex _; } <"/proc/net/stat/$neighbours_file"; } 2>/dev/null || return 0
  case $neighbours_hex in '' | *[!0-9a-f]* | ?????????*) return 0 ;; esac
  number=$((0x$neighbours_hex))
}

# The limit is lowered only where it still is what our raise set: what somebody else has set since is theirs.
lower=no
if [ -n "$max" ] && [ "$max" = "$top_target" ] && [ "$top_max" -gt 0 ] && [ "$top_max" -lt "$max" ]; then
  lower=yes
  # Nothing is evicted by lowering, but every new flow would be refused until the count has fallen.
  if [ $((${count:-0} * 10)) -gt $((top_max * 8)) ]; then
    refuse count-too-high "$count entries are in use and the limit before the raise was $top_max: above 80 % of it ($((top_max * 8 / 10))) new flows would be refused. Files and limit were left; try again when the load is down."
  fi
fi
taken_back "$top_settings"
plan_settings=$back
for family in ipv4 ipv6; do
  setting_in "$plan_settings" "net.$family.neigh.default.gc_thresh3"
  [ -n "$setting_to" ] || continue
  neighbours_in_use "$family"
  if [ -n "$number" ] && [ $((number * 10)) -gt $((setting_to * 8)) ]; then
    refuse count-too-high "$number neighbours are in use and net.$family.neigh.default.gc_thresh3 was $setting_to: above 80 % of it ($((setting_to * 8 / 10))) new ones would be refused. Files and values were left; try again when there are fewer."
  fi
done

journal_files=''
if [ "$has_files" = yes ]; then
  for rolled_path in "$sysctl_file" "$modules_file" "$modprobe_file"; do
    former_state "$rolled_path"
    [ -n "$state" ] || continue
    rolled_after=$state
    state_of "$rolled_path" || refuse unexpected-file "$rolled_path is not a plain file of a sane size; nothing was changed. Look at it by hand."
    journal_file_line "$rolled_path" "$state" "$rolled_after"
  done
fi
begin rollback "${max:-0}" "$top_max" "${buckets:-0}" "$top_buckets" "$lower"
if [ "$lower" = yes ] && ! write_max "$top_max"; then
  end_journal
  fail write-failed "The kernel did not take $top_max as the limit and reads ${number:-nothing}; the files were left."
fi
if ! move_settings "$plan_settings"; then
  stuck_settings=$stuck
  taken_back "$plan_settings"
  move_settings "$back"
  end_journal
  fail write-failed "The kernel did not take the former value of$stuck_settings; the files were left."
fi
compare_store
if ! put_files after restored; then
  end_journal
  fail write-failed "The running limit is dealt with, but not every file could be put back, so a reboot brings the raise back. Make /etc writable and roll back again."
fi
note_rolled_back "$MEDIC_INCIDENT"
end_journal

detail=''
if [ -n "$buckets" ] && [ "$top_buckets" -gt 0 ] && [ "$buckets" -gt "$top_buckets" ]; then
  detail=" Buckets stay at $buckets (before: $top_buckets): shrinking them would stall traffic once more."
fi
# What of our settings did not run as we had left it: the rest went back.
kept_by_others=''
for key in $setting_keys; do
  case $key in *_buckets) continue ;; esac
  setting_in "$top_settings" "$key"
  [ -n "$setting_to" ] || continue
  former=$setting_from
  setting_in "$values_before" "$key"
  running=$setting_from
  setting_in "$plan_settings" "$key"
  if [ -n "$setting_to" ] || [ "$running" = "$former" ]; then continue; fi
  kept_by_others="$kept_by_others $key=${running:-unreadable}"
done
detail="$store_detail$detail"
[ -z "$kept_by_others" ] || detail="$detail Left as somebody else has set it since:$kept_by_others."
if [ -n "$plan_settings" ]; then detail=" Settings went back to what they were.$detail"; fi
if [ "$lower" = yes ]; then
  finish rolled-back '' "The limit went back from $max_before to $top_max and the files are as they were.$detail"
fi
if [ -z "$max" ]; then
  finish rolled-back '' "The files are as they were; nf_conntrack is not loaded, so there is no limit to lower.$detail"
fi
if [ "$top_target" -eq 0 ] || [ "$max" = "$top_max" ]; then
  finish rolled-back '' "The files are as they were; the limit is $max and was left.$detail"
fi
finish rolled-back '' "The files are as they were; the limit is $max, which somebody else has set since, and was left.$detail"
