# A new undo record on the stack and the files that go with it.

# refuse_rolled_back: somebody has taken this incident's change back on this node, and no command of it that arrives
# late, twice or by an association may bring it again.
refuse_rolled_back() {
  if was_rolled_back "$MEDIC_INCIDENT"; then
    refuse rolled-back 'The change of this incident was rolled back on this node and is not made again; nothing was changed. A new incident can change it.'
  fi
}

# own_record: sets `state` to how the present sysctl.d file is recorded in a new undo record, given its whole state: without
# a header, for that is the rest of the stack.
own_record() {
  if [ "$header_lines" -gt 0 ]; then
    state=body:${state%:*}:$(tail -n "+$((header_lines + 1))" "$sysctl_file" | encoded)
  elif [ -n "$others" ]; then
    case $state in absent*) state=644:0:0: ;; esac
    state=body:$state
  fi
}

# others_records: what lived in /run alone, as records of the stack. None of those changes wrote a file.
others_records() {
  while [ -n "$others" ]; do
    others_line=${others%%"$newline"*}
    others=${others#"$others_line"}
    others=${others#"$newline"}
    state_of "$sysctl_file"
    own_record
    printf '%s\n# medic-before %s %s\n# medic-end\n' "$others_line" "$sysctl_file" "$state"
  done
}

# plan_file <path> <after>: adds the file to the journal.
plan_file() {
  state_of "$1" || refuse unexpected-file "$1 is not a plain file of a sane size; nothing was changed. Look at it by hand."
  [ "$state" = "$2" ] || files_change=yes
  journal_file_line "$1" "$state" "$2"
}

# plan_undo_line <path>: adds the file's present state to the new record, unless an earlier change of this incident did.
plan_undo_line() {
  case $newline$undo_lines in *"$newline# medic-before $1 "*) return 0 ;; esac
  state_of "$1" || refuse unexpected-file "$1 is not a plain file of a sane size; nothing was changed. Look at it by hand."
  [ "$1" != "$sysctl_file" ] || own_record
  undo_lines="$undo_lines# medic-before $1 $state$newline"
}

# plan_store_lines <list>: adds what the settings store said of each key.
plan_store_lines() {
  for store_key in $setting_keys; do
    setting_in "$1" "$store_key"
    [ -n "$setting_to" ] || continue
    case $newline$undo_lines in *"$newline# medic-store $store_key "*) continue ;; esac
    read_store "$store_key"
    undo_lines="$undo_lines# medic-store $store_key $in_store$newline"
  done
}

# begin_undo: sets undo_* to what the node was before this incident touched it. What an earlier change of the same
# incident recorded stays, unless another incident's is on top of it: one rollback undoes both. What a record cannot hold
# is 0, not known: no rollback goes back to it.
begin_undo() {
  read_own_body
  read_unpersisted
  read_first_buckets
  undo_max=${max:-0}
  # Where a reverted run had already raised the buckets, what counts is what they were before it.
  undo_buckets=${recovered_buckets_from:-${buckets:-0}}
  sound_record "$undo_max" || undo_max=0
  sound_record "$undo_buckets" || undo_buckets=0
  undo_target=0
  undo_settings=''
  undo_lines=''
  continued=no
  if [ "$top_incident" = "$MEDIC_INCIDENT" ] && [ -z "$others" ]; then
    continued=yes
    undo_max=$top_max
    undo_buckets=$top_buckets
    undo_target=$top_target
    undo_settings=$top_settings
    undo_lines=$(head -n $((top_lines - 1)) "$sysctl_file" | tail -n +2)$newline
  fi
  [ "$newest_incident" = "$MEDIC_INCIDENT" ] || return 0
  # What it started from has to go into the header if the files can be written this time.
  if [ "$continued" = no ]; then
    undo_max=$newest_max
    undo_buckets=$newest_buckets
  fi
  undo_target=$newest_target
  merge_settings "$undo_settings" "$newest_settings"
  undo_settings=$merged
}

# plan_files <list for the sysctl.d file> <hashsize or nothing> <module yes|no>: sets `journal_files`, and `files_change` to
# whether any file is not as it shall be.
plan_files() {
  files_change=no
  managed=$sysctl_file
  [ "$3" = no ] || managed="$managed $modules_file"
  [ -z "$2" ] || managed="$managed $modprobe_file"
  for managed_path in $managed; do plan_undo_line "$managed_path"; done
  [ "$has_store" = no ] || plan_store_lines "$1"
  journal_files="entry $undo_max $undo_buckets $undo_target $undo_settings$newline"
  new_header="# medic-incident $MEDIC_INCIDENT max=$undo_max buckets=$undo_buckets target=$undo_target${undo_settings:+ settings=$undo_settings}$newline$undo_lines# medic-end$newline"
  new_state=$({
    printf '%s' "$new_header"
    others_records
    if [ "$continued" = yes ]; then
      older_header
    elif [ "$header_lines" -gt 0 ]; then
      head -n "$header_lines" "$sysctl_file"
    fi
    sysctl_body "$1"
  } | encoded)
  # 4 characters of base64 are 3 bytes.
  [ "${#new_state}" -le $((file_most_bytes * 4 / 3 - 4)) ] ||
    refuse header-unreadable "$sysctl_file records too many changes already; nothing was changed. Roll some back first."
  plan_file "$sysctl_file" "644:0:0:$new_state"
  [ "$3" = no ] || plan_file "$modules_file" "644:0:0:$(modules_body | encoded)"
  [ -z "$2" ] || plan_file "$modprobe_file" "644:0:0:$(modprobe_body "$2" | encoded)"
}

# keep_files: writes what was planned, and remembers in /run what could not be written.
keep_files() {
  put_files after written
  if [ "$sysctl_failed" = no ]; then
    forget_unpersisted
  else
    remember_unpersisted "$MEDIC_INCIDENT" "$undo_max" "$undo_buckets" "$undo_target" "$undo_settings"
  fi
}
