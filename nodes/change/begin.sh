# How a change of values and files is announced before it is made.
plan_settings=''

# encoded: standard input as one line of base64.
encoded() {
  base64 | tr -d '\n'
}

# journal_file_line <path> <before> <after>
journal_file_line() {
  journal_files=$journal_files"file $1 $2 $3$newline"
}

# begin <raise|settings|rollback> <max from> <max to> <buckets from> <buckets to> <lower yes|no>: writes the journal.
# The settings that are going to be moved are in `plan_settings`. Where /var/lib takes no file, /run does for the running values, which last no longer than /run itself.
begin() {
  note_first_buckets "$5" || [ "$1" = rollback ] ||
    fail write-failed "$buckets_file, which bounds later raises, cannot be written; nothing was changed. Free space on the node first."
  journal_text="medic-journal/1${newline}action $1 $MEDIC_INCIDENT${newline}values $2 $3 $4 $5 $6$newline${plan_settings:+settings $plan_settings$newline}${journal_files}end"
  for journal_directory in "$state_directory" "$run_directory"; do
    if write_journal; then return 0; fi
  done
  fail write-failed 'The journal cannot be written, neither in /var/lib nor in /run; nothing was changed. Free space on the node first.'
}

# note_first_buckets <buckets to>: where this change makes more than there were before our first one, or leaves more.
note_first_buckets() {
  [ -n "$first_buckets" ] || return 0
  setting_in "$plan_settings" net.netfilter.nf_conntrack_buckets
  if [ "${buckets:-0}" -le "$first_buckets" ] && [ "$1" -le "$first_buckets" ] && [ "${setting_to:-0}" -le "$first_buckets" ]; then
    [ ! -e "$buckets_file" ] || rm -f "$buckets_file" 2>/dev/null
    return 0
  fi
  read_number "$buckets_file"
  [ "$number" != "$first_buckets" ] || return 0
  own_directory "${buckets_file%/*}" &&
    printf '%s\n' "$first_buckets" | write_new "$buckets_file.new" &&
    mv -f "$buckets_file.new" "$buckets_file" 2>/dev/null
}

write_journal() {
  own_directory "$journal_directory" || return 1
  printf '%s\n' "$journal_text" | write_new "$journal_directory/journal.new" &&
    [ "$(cat "$journal_directory/journal.new")" = "$journal_text" ] &&
    sync_path "$journal_directory/journal.new" &&
    mv -f "$journal_directory/journal.new" "$journal_directory/journal" 2>/dev/null &&
    sync_path "$journal_directory" && return 0
  rm -f "$journal_directory/journal.new" 2>/dev/null
  return 1
}
