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
# Limit and buckets before our first change that is on record, where they were known.
first_max=''
first_buckets=''

# read_record <id> <max=n> <buckets=n> <target=n> <settings=list or nothing>: sets record_*; fails when this is no undo
# record of ours. Whoever can write to our file could write anything there: it is held to what a parameter is held to.
read_record() {
  record_incident=$1
  record_max=${2#max=}
  record_buckets=${3#buckets=}
  record_target=${4#target=}
  record_settings=${5#settings=}
  case "$2 $3 $4 $5 " in 'max='*' buckets='*' target='*' settings='?*' ' | 'max='*' buckets='*' target='*'  ') ;; *) return 1 ;; esac
  sound_incident "$1" && sound_settings "$record_settings" bounded || return 1
  sound_record "$record_max" "$record_buckets" "$record_target" || return 1
  [ "$record_max" = 0 ] || first_max=$record_max
  [ "$record_buckets" = 0 ] || first_buckets=$record_buckets
}

# read_header_line <tag> <words...>: one line of the stack, where it may stand; `stack_open` says whether a record is.
read_header_line() {
  case $stack_open:$1 in
    no:medic-incident)
      read_record "$2" "$3" "$4" "$5" "$6" || return 1
      stack_open=yes
      stack_incidents="$stack_incidents $2"
      [ -z "$top_incident" ] || return 0
      top_incident=$2
      top_max=$record_max
      top_buckets=$record_buckets
      top_target=$record_target
      top_settings=$record_settings
      ;;
    yes:medic-before)
      case $2 in "$sysctl_file" | "$modules_file" | "$modprobe_file") ;; *) return 1 ;; esac
      sound_state "${3#body:}" && [ -z "$4" ]
      ;;
    yes:medic-store)
      case $newline$setting_keys$newline in *"$newline$2$newline"*) ;; *) return 1 ;; esac
      { [ "$3" = absent ] || sound_number "$3"; } && [ -z "$4" ]
      ;;
    yes:medic-end)
      stack_open=no
      [ "$top_lines" -gt 0 ] || top_lines=$header_lines
      [ -z "$2" ]
      ;;
    *) return 1 ;;
  esac
}

read_stack() {
  if [ ! -e "$sysctl_file" ] && [ ! -L "$sysctl_file" ]; then return 0; fi
  state_of "$sysctl_file" || refuse unexpected-file "$sysctl_file is not a plain file of a sane size; nothing was changed. Look at it by hand."
  stack_open=no
  while read -r stack_hash stack_tag stack_a stack_b stack_c stack_d stack_e; do
    case "$stack_hash $stack_tag" in '# medic-'*) ;; *) break ;; esac
    header_lines=$((header_lines + 1))
    read_header_line "$stack_tag" "$stack_a" "$stack_b" "$stack_c" "$stack_d" "$stack_e" || refuse_header
  done <"$sysctl_file"
  # What is left in hand without its line's end was cut off.
  case "$stack_open $stack_hash $stack_tag" in yes* | *'# medic-'*) refuse_header ;; esac
  # What others than root may write to is no record of what root shall do.
  case $header_lines:$state in 0:* | *:[0-7][0145][0145]:0:*) ;; *) refuse_header ;; esac
}

refuse_header() {
  refuse header-unreadable "The header of $sysctl_file was changed by somebody, or others than root may write to it; nothing was changed. Restore that file first."
}

# older_header: the header without its newest undo record.
older_header() {
  if [ "$header_lines" -gt "$top_lines" ]; then
    tail -n "+$((top_lines + 1))" "$sysctl_file" | head -n $((header_lines - top_lines))
  fi
}

# read_unpersisted: sets newest_* to the newest change that lives in /run alone, or empties newest_incident, and `others` to
# the records of the changes there that are not this incident's newest. All of them are newer than the stack.
read_unpersisted() {
  newest_incident=''
  others=''
  [ -e "$unpersisted_file" ] || return 0
  stack_first_max=$first_max
  stack_first_buckets=$first_buckets
  while read -r stack_hash stack_tag stack_a stack_b stack_c stack_d stack_e; do
    { [ "$stack_hash $stack_tag" = '# medic-incident' ] && read_record "$stack_a" "$stack_b" "$stack_c" "$stack_d" "$stack_e"; } || fail_unpersisted
    if [ -n "$newest_incident" ] || [ "$record_incident" != "$MEDIC_INCIDENT" ]; then
      others="$others${others:+$newline}# medic-incident $record_incident max=$record_max buckets=$record_buckets target=$record_target${record_settings:+ settings=$record_settings}"
    fi
    [ -z "$newest_incident" ] || continue
    newest_incident=$record_incident
    newest_max=$record_max
    newest_buckets=$record_buckets
    newest_target=$record_target
    newest_settings=$record_settings
  done <"$unpersisted_file"
  [ -z "$stack_hash" ] || fail_unpersisted
  first_max=${stack_first_max:-$first_max}
  first_buckets=${stack_first_buckets:-$first_buckets}
}

# read_first_buckets: sets `first_buckets` where it is not on the stack: a rollback takes its record away and leaves the
# buckets. What is noted counts while there are more.
read_first_buckets() {
  read_number "$buckets_file"
  if [ -n "$number" ] && [ "$number" -lt "${buckets:-0}" ] && [ "$number" -lt "${first_buckets:-$buckets}" ]; then first_buckets=$number; fi
  first_buckets=${first_buckets:-${recovered_buckets_from:-$buckets}}
}

fail_unpersisted() {
  fail header-unreadable "$unpersisted_file cannot be read; nothing was changed. Look at the node by hand."
}

was_rolled_back() {
  grep -qxs -e "$1" "$state_directory/rolled-back" "$run_directory/rolled-back"
}
