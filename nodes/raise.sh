# Raises the limit and the buckets of this node and makes it last, or changes nothing and says why.
limit_ceiling=4194304

# check_number <name> <value>: a leading zero would be read as octal, and 0 means unlimited.
check_number() {
  number_length=${#2}
  case $2 in [1-9]*[!0-9]* | [!1-9]* | '') number_length=0 ;; esac
  if [ "$number_length" -lt 4 ] || [ "$number_length" -gt 7 ]; then
    refuse bad-parameter "$1 must be a number of 4 to 7 digits without a leading zero; nothing was changed."
  fi
}

check_incident
case ${MEDIC_MODE-} in
  exact | ensure) ;;
  *) refuse bad-parameter 'mode must be exact or ensure; nothing was changed.' ;;
esac
check_number fromMax "${MEDIC_FROM_MAX-}"
check_number toMax "${MEDIC_TO_MAX-}"
check_number fromBuckets "${MEDIC_FROM_BUCKETS-}"
check_number toBuckets "${MEDIC_TO_BUCKETS-}"
to_max=$MEDIC_TO_MAX
to_buckets=$MEDIC_TO_BUCKETS
enter_node
read_stack

# Sets `already` when this incident's raise to this target is in force.
find_earlier_raise() {
  already=no
  [ "$max" = "$to_max" ] && [ "$buckets" -ge "$to_buckets" ] || return 0
  if [ "$top_incident" = "$MEDIC_INCIDENT" ] && [ "$top_target" = "$to_max" ]; then already=yes; fi
  { read -r earlier_hash earlier_tag earlier_id earlier_max earlier_buckets earlier_target <"$unpersisted_file"; } 2>/dev/null || return 0
  if [ "$earlier_hash $earlier_tag $earlier_id $earlier_target" = "# medic-incident $MEDIC_INCIDENT target=$to_max" ]; then
    already=yes
    # What it started from has to go into the header if the files can be written this time.
    entry_max=${earlier_max#max=}
    entry_buckets=${earlier_buckets#buckets=}
  fi
}

check_memory() {
  memory_total=$(memory_kib MemTotal)
  memory_available=$(memory_kib MemAvailable)
  if [ -z "$memory_total" ] || [ -z "$memory_available" ]; then
    refuse above-memory-bound 'The memory of this node cannot be read from /proc/meminfo, so no bound can be kept; nothing was changed.'
  fi
  memory_bound=$((memory_total * 1024 / 20))
  if [ $((memory_available * 512)) -lt "$memory_bound" ]; then memory_bound=$((memory_available * 512)); fi
  object_size=$(grep -E '^nf_conntrack(_[0-9a-f]+)? ' /proc/slabinfo 2>/dev/null | {
    # Older kernels keep a cache for each network namespace, all of the same size.
    read -r _ _ _ object_bytes _ && printf '%s' "$object_bytes"
  })
  case $object_size in
    [1-9]*[!0-9]* | [!1-9]* | '' | ?????*) memory_cost=$((to_max * 512)) ;;
    *) memory_cost=$((to_max * (object_size + 128) * 11 / 10)) ;;
  esac
  memory_cost=$((memory_cost + 8 * wanted_buckets))
  [ "$memory_cost" -le "$memory_bound" ] || refuse above-memory-bound \
    "A full table of $to_max entries would take $((memory_cost / 1048576)) MiB, the bound on this node is $((memory_bound / 1048576)) MiB; nothing was changed. Use a larger node."
}

# memory_kib <key>
memory_kib() {
  grep "^$1: *[0-9][0-9]* kB" /proc/meminfo 2>/dev/null | {
    read -r _ memory_number _ && printf '%s' "$memory_number"
  }
}

# Decides what the limit shall be, or refuses. Sets `change_max`, `keep_files` and `lasting_max`.
decide() {
  change_max=yes
  keep_files=yes
  lasting_max=$to_max
  [ "$max" -gt 0 ] || refuse not-a-raise 'The limit is 0, which means unlimited: any number would lower it; nothing was changed.'
  if [ "$to_max" -gt "$limit_ceiling" ] || [ "$to_buckets" -gt "$limit_ceiling" ]; then
    refuse above-ceiling "Targets above $limit_ceiling are not set by a click; nothing was changed."
  fi
  find_earlier_raise
  if [ "$already" = yes ]; then
    change_max=no
    return
  fi
  case $MEDIC_MODE in
    exact)
      if [ "$max" != "$MEDIC_FROM_MAX" ] ||
        { [ "$buckets" != "$MEDIC_FROM_BUCKETS" ] && [ "$recovered_buckets_from" != "$MEDIC_FROM_BUCKETS" ]; }; then
        refuse value-moved "The plan starts from max $MEDIC_FROM_MAX and buckets $MEDIC_FROM_BUCKETS, the node runs with $max and $buckets; nothing was changed. Collect again."
      fi
      [ "$to_max" -gt "$max" ] || refuse not-a-raise "The target $to_max is not above the running limit $max; nothing was changed."
      [ "$to_max" -le $((max * 4)) ] ||
        refuse above-ceiling "The target $to_max is more than four times the running limit $max; nothing was changed."
      check_memory
      ;;
    ensure)
      if [ "$max" -lt "$to_max" ]; then
        check_memory
        return
      fi
      change_max=no
      # Never let the files say less than what runs: after a reboot that would be a lowering.
      lasting_max=$max
      to_buckets=$buckets
      wanted_buckets=$buckets
      # Some raise of ours already makes at least this much last: a further entry would only stand in its rollback's way.
      if [ -n "$top_incident" ] && [ "$top_target" -ge "$to_max" ]; then keep_files=no; fi
      ;;
  esac
}

# own_record: sets `state` to how the present sysctl.d file is recorded in a new entry, given its whole state.
own_record() {
  [ "$header_lines" -gt 0 ] || return 0
  state=body:${state%:*}:$(tail -n "+$((header_lines + 1))" "$sysctl_file" | encoded)
}

# plan_file <path> <after>: adds the file to the journal and its present state to the new entry.
plan_file() {
  state_of "$1" || refuse unexpected-file "$1 is not a plain file of a sane size; nothing was changed. Look at it by hand."
  [ "$state" = "$2" ] || files_change=yes
  journal_file_line "$1" "$state" "$2"
}

plan_entry_line() {
  state_of "$1" || refuse unexpected-file "$1 is not a plain file of a sane size; nothing was changed. Look at it by hand."
  [ "$1" != "$sysctl_file" ] || own_record
  entry_lines="$entry_lines# medic-before $1 $state$newline"
}

# The entry of a second raise of one incident keeps what the first one recorded: one rollback undoes both.
plan_files() {
  files_change=no
  managed=$sysctl_file
  if conntrack_is_built_in; then
    detail_builtin=' nf_conntrack is built into this kernel: sysctl.d alone makes it last.'
  else
    managed="$sysctl_file $modules_file $modprobe_file"
    detail_builtin=''
  fi
  entry_lines=''
  if [ "$top_incident" = "$MEDIC_INCIDENT" ]; then
    entry_max=$top_max
    entry_buckets=$top_buckets
    entry_lines=$(head -n $((top_lines - 1)) "$sysctl_file" | tail -n +2)$newline
  else
    for managed_path in $managed; do plan_entry_line "$managed_path"; done
  fi
  journal_files="entry $entry_max $entry_buckets$newline"
  new_header="# medic-incident $MEDIC_INCIDENT max=$entry_max buckets=$entry_buckets target=$lasting_max$newline$entry_lines# medic-end$newline"
  new_state=$({
    printf '%s' "$new_header"
    if [ "$top_incident" = "$MEDIC_INCIDENT" ]; then
      older_header
    elif [ "$header_lines" -gt 0 ]; then
      head -n "$header_lines" "$sysctl_file"
    fi
    sysctl_body "$lasting_max" "$wanted_buckets"
  } | encoded)
  # 4 characters of base64 are 3 bytes.
  [ "${#new_state}" -le $((file_most_bytes * 4 / 3 - 4)) ] ||
    refuse header-unreadable "$sysctl_file records too many raises already; nothing was changed. Roll some back first."
  plan_file "$sysctl_file" "644:0:0:$new_state"
  if [ "$managed" != "$sysctl_file" ]; then
    plan_file "$modules_file" "644:0:0:$(modules_body | encoded)"
    plan_file "$modprobe_file" "644:0:0:$(modprobe_body "$wanted_buckets" | encoded)"
  fi
}

# Buckets first: a longer table with too few of them makes chains that the kernel refuses to lengthen.
raise_buckets() {
  [ "$buckets" -lt "$to_buckets" ] || return 0
  if [ -w /proc/sys/net/netfilter/nf_conntrack_buckets ]; then
    buckets_path=/proc/sys/net/netfilter/nf_conntrack_buckets
  else
    buckets_path=/sys/module/nf_conntrack/parameters/hashsize
  fi
  if { printf '%s\n' "$to_buckets" >"$buckets_path"; } 2>/dev/null; then
    read_running
    # The kernel rounds up to a multiple of 512.
    if [ -n "$buckets" ] && [ "$buckets" -ge "$to_buckets" ]; then return 0; fi
  fi
  end_journal
  fail write-failed "The kernel did not take $to_buckets buckets, most likely for want of memory; the limit was left as it was."
}

raise_max() {
  [ "$change_max" = yes ] || return 0
  if ! write_max "$to_max"; then
    end_journal
    [ "$number" = "$max_before" ] ||
      fail readback-mismatch "The limit was set to $to_max but reads ${number:-nothing}: somebody else sets it too. No file was written."
    fail write-failed "The kernel did not take $to_max as the limit; it was left as it was."
  fi
}

entry_max=$max
# Where a reverted run had already raised the buckets, what counts is what they were before it.
entry_buckets=${recovered_buckets_from:-$buckets}
wanted_buckets=$to_buckets
if [ "$buckets" -gt "$wanted_buckets" ]; then wanted_buckets=$buckets; fi
decide
if [ "$keep_files" = no ]; then
  finish unchanged '' "The limit is $max, at least the $to_max asked for, and a raise of $top_incident makes it last."
fi
plan_files
if [ "$change_max" = no ] && [ "$files_change" = no ] && [ "$buckets" -ge "$to_buckets" ]; then
  report_not_covered "$lasting_max"
  finish unchanged '' "The limit is $max already and the files that make it last are in place.$detail_builtin"
fi
begin raise "$max" "$lasting_max" "$buckets" "$wanted_buckets" no
raise_buckets
raise_max
if put_files after written; then
  forget_unpersisted
elif [ "$sysctl_failed" = yes ]; then
  remember_unpersisted "$MEDIC_INCIDENT" "$entry_max" "$entry_buckets" "$lasting_max"
fi
end_journal
report_not_covered "$lasting_max"
outcome=raised
[ "$change_max" = yes ] || outcome=unchanged
if [ "$files_failed" = yes ]; then
  finish "$outcome" not-persisted "The limit is $lasting_max now, but not every file that makes it last could be written: a reboot may undo it.$detail_builtin"
fi
if [ "$outcome" = unchanged ]; then
  finish unchanged '' "The limit is $max already; the files that make it last were written.$detail_builtin"
fi
finish raised '' "The limit went from $max_before to $to_max and buckets from $buckets_before to $wanted_buckets.$detail_builtin"
