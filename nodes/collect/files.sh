# How files are read: plain ones only, their beginning only, and not for long. A pipe that nobody writes to, a device, a
# socket or a file without end, in whatever folder, holds nobody up. The kernel's own files are plain ones, too.

# Configuration of a sane size; what is longer counts as not read.
file_most_bytes=65536
# The longest of the kernel's files has a row for each of up to 8,192 CPUs.
kernel_most_bytes=2097152
# Rules of a large cluster, the processes of a crowded node, the kernel's ring on a machine with many CPUs.
list_most_bytes=16777216

# read_plain <file> [most bytes]: sets `contents` to the beginning of a plain file. The shells leave a NUL out, bash with a word.
read_plain() {
  contents=''
  [ -f "$1" ] || return 1
  { contents=$($within 2 head -c "${2:-$file_most_bytes}" "$1"); } 2>/dev/null
}

# first_line <file>: sets `line`, to nothing when there is none.
first_line() {
  read_plain "$1"
  line=${contents%%"$newline"*}
}

# number_lines <file...>: a line <file>:<number> for each that is there and holds a plain number, all in one read.
number_lines() {
  for number_path; do
    shift
    [ ! -f "$number_path" ] || set -- "$@" "$number_path"
  done
  [ "$#" -eq 0 ] || bounded 2 grep -HxE '[0-9]+' "$@" 2>/dev/null
}

# lines_of <pattern> <file...>: sets `text` to the lines that match, each behind its file and number, and `code` and `status`
# to how grep ended. Of what can not be read for what it is, the first five names are added to `unread`, and all counted in
# `unread_count`.
lines_of() {
  lines_pattern=$1
  shift
  for lines_path; do
    shift
    if [ -f "$lines_path" ]; then
      set -- "$@" "$lines_path"
    elif [ -e "$lines_path" ] && ! [ -d "$lines_path" ]; then
      # A link to /dev/null is how systemd spells "not this file".
      # shellcheck disable=SC3013 # dash, busybox and bash all have -ef.
      [ "$lines_path" -ef /dev/null ] || leave_unread "$lines_path"
    fi
  done
  text=''
  status=ok
  code=1
  [ "$#" -gt 0 ] || return 0
  # No deadline: the test above asked the same of each.
  lines_sizes=$(stat -L -c %s "$@" 2>/dev/null)
  lines_of_each "$@"
}

# Numbers of bytes in `lines_sizes` and files in the same order: what is too long is left out.
lines_of_each() {
  lines_sizes_many=0
  lines_bytes=0
  for lines_size in $lines_sizes; do lines_sizes_many=$((lines_sizes_many + 1)); done
  if [ "$lines_sizes_many" -ne "$#" ]; then
    status=missing
    code=127
    return 0
  fi
  for lines_size in $lines_sizes; do
    lines_path=$1
    shift
    if [ "$lines_size" -le "$file_most_bytes" ]; then
      set -- "$@" "$lines_path"
      lines_bytes=$((lines_bytes + lines_size))
    else
      leave_unread "$lines_path"
    fi
  done
  [ "$#" -gt 0 ] || return 0
  # What files of this size can say is bounded: nothing has to cut it.
  if [ "$lines_bytes" -le "$kernel_most_bytes" ]; then
    seconds_left
    [ "$left" -le 3 ] || left=3
    status=timeout
    code=124
    [ "$left" -ge 1 ] || return 0
    text=$({
      $within "$left" grep -aHnE "$lines_pattern" "$@" 2>/dev/null
      printf '\n%s %s\n' "$MEDIC_NONCE" "$?"
    } | tr "$unprintable" ' ?')
    split_exit_code
  else
    capture 3 grep -aHnE "$lines_pattern" "$@"
  fi
}

# leave_unread <file>
leave_unread() {
  unread_count=$((unread_count + 1))
  [ "$unread_count" -le 5 ] || return 0
  unread=$unread${unread:+$newline}unread=$(printf '%.200s' "$1" | tr -c '!-~' '?')
}
