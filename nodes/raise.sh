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
check_and_lock
check_root
refuse_rolled_back
read_stack

# Sets `already` when this incident's raise to this target is in force.
find_earlier_raise() {
  already=no
  [ "$max" = "$to_max" ] && [ "$buckets" -ge "$to_buckets" ] || return 0
  if [ "$undo_target" = "$to_max" ]; then already=yes; fi
}

check_memory() {
  read_memory_bound
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

# check_first: an association asks each node of a group for the same, whatever the node stands at. Its bound is taken from
# before our first change here, so that no number of runs and no other incident can walk a node up.
check_first() {
  first_max=${first_max:-$max}
  if [ "$to_max" -gt "$limit_ceiling" ] || [ "$to_max" -gt $((first_max * 4)) ]; then
    refuse above-ceiling "The limit before our first change on this node was $first_max, and $to_max is more than four times that; nothing was changed. Raise this node by a plan of its own."
  fi
  if [ "$buckets" -lt "$to_buckets" ] && [ "$to_buckets" -gt $((first_buckets * 4)) ]; then
    refuse above-ceiling "The buckets before our first change on this node were $first_buckets, and $to_buckets are more than four times that; nothing was changed. Raise this node by a plan of its own."
  fi
}

# Decides what the limit shall be, or refuses. Sets `change_max`, `write_files` and `lasting_max`.
decide() {
  change_max=yes
  write_files=yes
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
      # What a raise of another incident makes last here needs no further undo record: it would stand in its rollback's way.
      kept_value net.netfilter.nf_conntrack_max
      if [ -n "$kept" ] && [ "$kept" -ge "$to_max" ] && [ "${newest_incident:-$top_incident}" != "$MEDIC_INCIDENT" ]; then
        write_files=no
        to_max=$kept
        lasting_max=$kept
      fi
      if [ "$max" -lt "$to_max" ]; then
        check_first
        check_memory
        return
      fi
      change_max=no
      # Never let the files say less than what runs: after a reboot that would be a lowering.
      lasting_max=$max
      to_buckets=$buckets
      wanted_buckets=$buckets
      ;;
  esac
}

# Buckets first: a longer table with too few of them makes chains that the kernel refuses to lengthen.
raise_buckets() {
  [ "$buckets" -lt "$to_buckets" ] || return 0
  if write_buckets "$to_buckets"; then return 0; fi
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

begin_undo
wanted_buckets=$to_buckets
if [ "$buckets" -gt "$wanted_buckets" ]; then wanted_buckets=$buckets; fi
decide
if [ "$has_store" = yes ]; then
  detail_builtin=' The settings store of Bottlerocket makes it last.'
elif conntrack_is_built_in; then
  detail_builtin=' nf_conntrack is built into this kernel: sysctl.d alone makes it last.'
else
  detail_builtin=''
fi
journal_files=''
files_change=no
# Where the limit was higher already it is not ours, and a rollback leaves it alone.
if [ "$change_max" = yes ]; then undo_target=$to_max; fi
if [ "$write_files" = yes ]; then
  lasting="net.netfilter.nf_conntrack_buckets=0:$wanted_buckets,net.netfilter.nf_conntrack_max=0:$lasting_max"
  if [ -n "$detail_builtin" ]; then plan_files "$lasting" '' no; else plan_files "$lasting" "$wanted_buckets" yes; fi
fi
if [ "$change_max" = no ] && [ "$files_change" = no ] && [ "$buckets" -ge "$to_buckets" ]; then
  report_not_covered "$lasting_max"
  if [ "$write_files" = no ]; then
    finish unchanged '' "The limit is $max, at least the $MEDIC_TO_MAX asked for, and a change of $top_incident makes $kept last."
  fi
  finish unchanged '' "The limit is $max already and the files that make it last are in place.$detail_builtin"
fi
begin raise "$max" "$lasting_max" "$buckets" "$wanted_buckets" no
raise_buckets
raise_max
if [ "$write_files" = yes ]; then keep_files; fi
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
