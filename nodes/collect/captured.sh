# What a command or a file says, as text that may leave the node.

# What a tool says beyond so many bytes is not read.
text_most_bytes=$kernel_most_bytes

# Node text is hostile: only printable ASCII leaves the node, in lines of at most 512 characters.
unprintable='\t\000-\010\013-\037\177-\377'
printable() {
  head -c "$text_most_bytes" | tr "$unprintable" ' ?' | cut -c1-512
}

# Sets `left` to the whole seconds until the deadline of this phase.
seconds_left() {
  read_uptime
  left=$((phase_deadline - ${uptime%%.*}))
}

# captured <seconds> <command...>: the command's printable output, closed by the nonce and the exit status.
captured() {
  {
    $within "$@" 2>/dev/null
    printf '\n%s %s\n' "$MEDIC_NONCE" "$?"
  } | head -c "$text_most_bytes" | tr "$unprintable" ' ?' | cut -c1-512
}

# Splits `text` from what `captured` closed it with; sets `status` and the command's exit `code`.
split_exit_code() {
  code=127
  case $text in
    *"$MEDIC_NONCE "*) ;;
    '') # One of the tools that make text printable is not there.
      status=missing
      return
      ;;
    *) # There was more than is read. A line cut in half would be read as a whole one.
      case $text in *"$newline"*) text=${text%"$newline"*} ;; *) text='' ;; esac
      code=0
      status=truncated
      return
      ;;
  esac
  code=${text##*"$MEDIC_NONCE "}
  status_of "$code"
  text=${text%"$MEDIC_NONCE "*}
  while [ "$text" != "${text%"$newline"}" ]; do text=${text%"$newline"}; done
  [ "$status" = ok ] || text=''
}

# status_of <exit code>: sets `status`.
status_of() {
  case $1 in
    0) status=ok ;;
    124 | 137 | 143) status=timeout ;;
    126 | 127) status=missing ;;
    *) status=denied ;;
  esac
}

# capture <seconds> <command...>: sets `text`, `status` and `uptime`.
capture() {
  capture_limit=$1
  shift
  text=''
  status=timeout
  code=124
  seconds_left
  [ "$left" -ge "$capture_limit" ] || capture_limit=$left
  [ "$capture_limit" -ge 1 ] || return 0
  text=$(captured "$capture_limit" "$@")
  split_exit_code
}

# capture_file <file> [another]: as `capture`, and tells an absent file from an unreadable one.
capture_file() {
  text=''
  status=missing
  read_uptime
  [ -f "$1" ] || return 0
  capture 3 head -q -c "$kernel_most_bytes" "$@"
}

# capture_lines <pattern> <file>: the lines that match; a file without any is as good as absent.
capture_lines() {
  text=''
  status=missing
  read_uptime
  [ -f "$2" ] || return 0
  capture 3 grep -m 1000 -E "$1" "$2"
  [ "$code" != 1 ] || status=missing
}
