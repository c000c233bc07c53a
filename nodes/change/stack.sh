# The header of our sysctl.d file is a stack of undo records, newest first. Each says what the running values and our files
# were before one change; its target is the limit that the change set, 0 where it left the limit alone:
#   # medic-incident <id> max=<n> buckets=<n> target=<n> [settings=<list>]
#   # medic-before <path> <state>
#   # medic-store <key> <number or absent>     what the settings store said, where there is one
#   # medic-end
# Where the file before was ours as well, `body:` marks that only what stood below its header is recorded: its header is
# the rest of the stack.
header_lines=0
top_lines=0
top_incident=''
top_max=''
top_buckets=''
top_target=''
top_settings=''
stack_incidents=''
stack_broken=no

# parse_incident_line <max=n> <buckets=n> <target=n> <settings=list or nothing>
parse_incident_line() {
  top_max=${1#max=}
  top_buckets=${2#buckets=}
  top_target=${3#target=}
  top_settings=${4#settings=}
  sound_settings "$top_settings" || stack_broken=yes
  for parse_number in "$top_max" "$top_buckets" "$top_target"; do
    case $parse_number in '' | *[!0-9]*) stack_broken=yes ;; esac
  done
}

read_stack() {
  [ -f "$sysctl_file" ] || return 0
  while read -r stack_hash stack_tag stack_a stack_b stack_c stack_d stack_e; do
    case "$stack_hash $stack_tag" in
      '# medic-incident' | '# medic-before' | '# medic-store' | '# medic-end') header_lines=$((header_lines + 1)) ;;
      *) break ;;
    esac
    case $stack_tag in
      medic-incident)
        stack_incidents="$stack_incidents $stack_a"
        if [ -z "$top_incident" ]; then
          top_incident=$stack_a
          parse_incident_line "$stack_b" "$stack_c" "$stack_d" "$stack_e"
        fi
        ;;
      medic-end) [ "$top_lines" -gt 0 ] || top_lines=$header_lines ;;
    esac
  done <"$sysctl_file"
  # A header that does not begin and end as ours does has been edited.
  if [ "$header_lines" -gt 0 ] && { [ -z "$top_incident" ] || [ "$top_lines" -eq 0 ]; }; then stack_broken=yes; fi
  [ "$stack_broken" = no ] || refuse header-unreadable \
    "The header of $sysctl_file was changed by somebody and cannot be trusted; nothing was changed. Restore that file first."
}

# older_header: the header without its newest undo record.
older_header() {
  if [ "$header_lines" -gt "$top_lines" ]; then
    tail -n "+$((top_lines + 1))" "$sysctl_file" | head -n $((header_lines - top_lines))
  fi
}

# read_unpersisted: sets newest_* to the change that lives in /run alone, or empties newest_incident.
read_unpersisted() {
  newest_incident=''
  { read -r newest_hash newest_tag newest_id newest_max newest_buckets newest_target newest_settings <"$unpersisted_file"; } 2>/dev/null || return 0
  [ "$newest_hash $newest_tag" = '# medic-incident' ] || return 0
  newest_incident=$newest_id
}

was_rolled_back() {
  grep -qxs -e "$1" "$state_directory/rolled-back" "$run_directory/rolled-back"
}
