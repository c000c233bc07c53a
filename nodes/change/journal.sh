# A change of the node is a transaction: first the journal says, on the disk, what every value and file was and is going
# to be; then the change is made; then the journal goes away. A run that finds a journal has a killed run before it.
state_directory=/var/lib/conntrack-medic
run_directory=/run/conntrack-medic
unpersisted_file=$run_directory/unpersisted
# How many buckets there were before our first change. It lasts as long as running buckets do.
buckets_file=$run_directory/buckets-before
files_failed=no

# is_ours <path>: whether it is a plain file or a folder of root's that nobody else may write to. What others could have
# written is no instruction for root.
is_ours() {
  if [ -L "$1" ] || { [ ! -f "$1" ] && [ ! -d "$1" ]; }; then return 1; fi
  case $(stat -c %u:%a "$1" 2>/dev/null) in 0:*[0145][0145]) ;; *) return 1 ;; esac
}

# own_directory <path>: makes it, for root alone. What is not ours in its place is not used.
own_directory() {
  mkdir -p "$1" 2>/dev/null && is_ours "$1" && chmod 0700 "$1" 2>/dev/null
}

# check_ours: whatever is read back before a change. The journals are looked at when they are read.
check_ours() {
  for ours_path in "$state_directory" "$state_directory/rolled-back" "$run_directory/rolled-back" "$unpersisted_file" "$buckets_file"; do
    if [ ! -e "$ours_path" ] && [ ! -L "$ours_path" ]; then continue; fi
    is_ours "$ours_path" || refuse unexpected-file \
      "$ours_path is a link, belongs to somebody else or can be written to by others, so it is not read; nothing was changed. Look at it by hand, then remove it."
  done
}

take_lock() {
  # Tried with printf first: a shell gives up on the spot when `exec` cannot redirect.
  if ! { own_directory "$run_directory" && [ ! -L "$run_directory/lock" ] && printf '' >>"$run_directory/lock"; } 2>/dev/null; then
    fail write-failed 'The lock in /run/conntrack-medic cannot be made, or that folder is not of root alone; nothing was changed. Look at it by hand, then remove it.'
  fi
  exec 9>>"$run_directory/lock"
  flock -n 9 || refuse busy 'Another command of conntrack-medic is changing this node; nothing was changed. Try again in a minute.'
  # A change that has begun is carried through even when the agent or the caller goes away.
  trap '' HUP INT PIPE TERM
}

end_journal() {
  { rm -f "$journal_directory/journal" && sync_path "$journal_directory"; } 2>/dev/null ||
    fail write-failed "The journal $journal_directory/journal cannot be removed; the next command will look at this node again."
}

# put_files <before|after> <written|restored>: brings every file of the journal into that state. Going forward, the
# sysctl.d file comes first, for its header is what a rollback needs, and nothing is written without it; going back it
# comes last, and stays while another file could not be put back.
put_files() {
  files_failed=no
  sysctl_failed=no
  if [ "$2" = written ]; then
    put_pass sysctl "$1" "$2"
    put_pass others "$1" "$2"
  else
    put_pass others "$1" "$2"
    put_pass sysctl "$1" "$2"
  fi
  [ "$files_failed" = no ]
}

put_pass() {
  while read -r pass_key pass_path pass_before pass_after; do
    [ "$pass_key" = file ] || continue
    case $1:$pass_path in
      sysctl:"$sysctl_file") pass_blocked=$files_failed ;;
      others:"$modules_file" | others:"$modprobe_file") pass_blocked=$sysctl_failed ;;
      *) continue ;;
    esac
    if [ "$2" = before ]; then pass_state=$pass_before; else pass_state=$pass_after; fi
    # A journal that a power cut would erase covers no file.
    [ "$journal_directory" = "$state_directory" ] || pass_blocked=yes
    if [ "$pass_blocked" = no ] && put_state "$pass_path" "$pass_state"; then
      [ "$change" != written ] || change=$3
      result_line "file=$pass_path $change"
    else
      files_failed=yes
      [ "$1" != sysctl ] || sysctl_failed=yes
      result_line "file=$pass_path failed"
    fi
  done <"$journal_directory/journal"
}
