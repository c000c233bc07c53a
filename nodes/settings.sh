# Changes a few settings of this node and makes them last, or changes nothing and says why: more buckets, shorter timeouts,
# higher neighbour thresholds. The limit itself is raise's.
most_changes=6

# check_bounds: refuses the change that was split last where it goes the wrong way or too far.
check_bounds() {
  [ "$bound_way" != none ] ||
    refuse unknown-key "$change_key is not a setting that this script changes; nothing was changed."
  if ! goes_its_way "$change_from" "$change_to"; then
    case $bound_way in
      up) refuse wrong-direction "$change_key is never lowered: $change_to is not above $change_from; nothing was changed." ;;
      *) refuse wrong-direction "$change_key is never raised: $change_to is not below $change_from; nothing was changed." ;;
    esac
  fi
  if [ "$change_to" -lt "$bound_least" ] || [ "$change_to" -gt "$bound_most" ]; then
    refuse out-of-bounds "$change_key is set to $bound_least to $bound_most by a click, not to $change_to; nothing was changed."
  fi
}

# check_changes: sets `changes` to what is asked for, in the order in which it is written.
check_changes() {
  case ${MEDIC_CHANGES-} in
    '' | *[!a-z0-9_.=:,]* | ,* | *, | *,,*)
      refuse bad-parameter 'changes must be key=from:to, separated by commas; nothing was changed.'
      ;;
  esac
  IFS=,
  # shellcheck disable=SC2086 # The list is to be split; it holds no character that a shell would expand.
  set -- $MEDIC_CHANGES
  unset IFS
  [ "$#" -le "$most_changes" ] || refuse bad-parameter "At most $most_changes settings are changed at once; nothing was changed."
  given=''
  for change; do
    split_change "$change" ||
      refuse bad-parameter 'changes must be key=from:to, separated by commas; nothing was changed.'
    sound_record "$change_from" "$change_to" ||
      refuse bad-parameter "The numbers of $change_key must have 1 to 7 digits without a leading zero; nothing was changed."
    check_bounds
    setting_in "$given" "$change_key"
    [ -z "$setting_to" ] || refuse bad-parameter "$change_key is named twice; nothing was changed."
    given=$given${given:+,}$change
    case $change_key in net.netfilter.*) conntrack_optional=no ;; esac
  done
  merge_settings '' "$given"
  changes=$merged
}

# judge_changes: refuses what does not start where the node stands. Sets `moving` to what is not yet as it shall be.
judge_changes() {
  moving=''
  for key in $setting_keys; do
    setting_in "$changes" "$key"
    [ -n "$setting_to" ] || continue
    from=$setting_from
    to=$setting_to
    read_setting "$key"
    [ -n "$number" ] || refuse key-missing "$key cannot be read on this node, so it cannot be changed; nothing was changed."
    setting_in "$undo_settings" "$key"
    # SSM may deliver a command twice: what this incident has set already is no move of somebody else.
    if [ "$setting_to" = "$to" ] && has_arrived "$key" "$to"; then continue; fi
    case $key in
      # A reverted run leaves the buckets that it had raised.
      *_buckets) if [ "$recovered_buckets_from" = "$from" ]; then number=$from; fi ;;
    esac
    [ "$number" = "$from" ] || refuse value-moved "The plan starts from $key $from, the node runs with $number; nothing was changed. Collect again."
    moving=yes
  done
}

# threshold_of <family> <1|2|3>: sets `threshold` to what it is going to be.
threshold_of() {
  threshold_key=net.$1.neigh.default.gc_thresh$2
  setting_in "$changes" "$threshold_key"
  threshold=$setting_to
  [ -z "$threshold" ] || return 0
  read_setting "$threshold_key"
  threshold=${number:-0}
}

# Below the first threshold nothing is collected, above the second it is at once, at the third new neighbours are refused
# (net/core/neighbour.c, neigh_alloc): in another order they would contradict each other.
check_thresholds() {
  threshold_bytes=0
  for family in ipv4 ipv6; do
    case ",$changes" in *",net.$family.neigh.default.gc_thresh"*) ;; *) continue ;; esac
    threshold_of "$family" 1
    first=$threshold
    threshold_of "$family" 2
    second=$threshold
    threshold_of "$family" 3
    if [ "$first" -ge "$second" ] || [ "$second" -ge "$threshold" ]; then
      refuse thresholds-out-of-order "gc_thresh1 < gc_thresh2 < gc_thresh3 would not hold for $family: $first, $second, $threshold; nothing was changed."
    fi
    # An entry is below 1 KiB: struct neighbour with its device's part and a queue that is empty most of the time.
    threshold_bytes=$((threshold_bytes + threshold * 1024))
  done
}

check_memory() {
  setting_in "$changes" net.netfilter.nf_conntrack_buckets
  memory_cost=$((8 * ${setting_to:-0} + threshold_bytes))
  [ "$memory_cost" -gt 0 ] || return 0
  read_memory_bound
  [ "$memory_cost" -le "$memory_bound" ] || refuse above-memory-bound \
    "These settings may take $((memory_cost / 1048576)) MiB, the bound on this node is $((memory_bound / 1048576)) MiB; nothing was changed. Use a larger node."
}

# plan_lasting: what the files have to say. Where buckets can only be given when the module is loaded, the limit has to be
# written down with them, for the kernel takes it as 8 x hashsize then.
plan_lasting() {
  lasting=$changes
  hashsize=''
  module=no
  if [ "$conntrack_optional" = no ] && ! conntrack_is_built_in; then module=yes; fi
  setting_in "$changes" net.netfilter.nf_conntrack_buckets
  if [ -n "$setting_to" ] && [ "$module" = yes ] && [ ! -w /proc/sys/net/netfilter/nf_conntrack_buckets ]; then
    hashsize=$setting_to
    kept_value net.netfilter.nf_conntrack_max
    lasting="$lasting,net.netfilter.nf_conntrack_max=0:${kept:-$max}"
  fi
  merge_settings "$undo_settings" "$changes"
  undo_settings=$merged
  plan_files "$lasting" "$hashsize" "$module"
}

check_incident
conntrack_optional=yes
check_changes
check_and_lock
check_root
refuse_rolled_back
read_stack
note_values "$changes"
begin_undo
judge_changes
check_thresholds
if [ "$moving" = yes ]; then check_memory; fi
plan_lasting
if [ -z "$moving" ] && [ "$files_change" = no ]; then
  finish unchanged '' 'The settings are in force already and the files that make them last are in place.'
fi
plan_settings=$changes
begin settings "${max:-0}" "${max:-0}" "${buckets:-0}" "${buckets:-0}" no
if ! move_settings "$plan_settings" || ! all_arrived "$plan_settings"; then
  stuck_settings=$stuck
  taken_back "$plan_settings"
  move_settings "$back"
  end_journal
  fail write-failed "The kernel did not take${stuck_settings:- what was set: somebody else sets it too}; the settings went back to what they were and no file was written."
fi
keep_files
end_journal
if [ "$files_failed" = yes ]; then
  finish changed not-persisted 'The settings are in force, but not every file that makes them last could be written: a reboot may undo them.'
fi
if [ -z "$moving" ]; then finish unchanged '' 'The settings are in force already; the files that make them last were written.'; fi
finish changed '' 'The settings are in force and written down.'
