# The newest 60 lines of the kernel's ring that bear on a verdict. `ring_start` is the stamp of the ring's first
# line, `window_seconds` how far back the section is complete: the ring forgets, and so does the cut.
# shellcheck disable=SC2016 # The dollars are awk's.
pick_log_lines='
BEGIN { telling = "conntrack|table overflow|syn flooding|allocation failure|slub: unable|callbacks suppressed|tcp: out of memory|too many orphaned sockets|falling back to vmalloc|" nonce " " }
(size += length($0) + 1) > most { exit }
{ if (/[^ -~]/) { gsub(/\t/, " "); gsub(/[^ -~]/, "?") } if (length($0) > 512) $0 = substr($0, 1, 512) }
NR == 1 { print }
tolower($0) ~ telling { kept[++last] = $0; delete kept[last - 62] }
END { for (i = last > 62 ? last - 61 : 1; i <= last; i++) print kept[i] }'

kernel_log_lines() {
  if command -v awk >/dev/null; then
    {
      $within "$1" dmesg 2>/dev/null
      printf '\n%s %s\n' "$MEDIC_NONCE" "$?"
    } | awk -v nonce="$MEDIC_NONCE" -v most="$list_most_bytes" "$pick_log_lines" 2>/dev/null
    return 0
  fi
  text_most_bytes=$list_most_bytes
  captured "$1" dmesg | {
    IFS= read -r log_first
    printf '%s\n' "$log_first"
    {
      printf '%s\n' "$log_first"
      cat
    } | grep -iF -e conntrack -e 'table overflow' -e 'SYN flooding' -e 'allocation failure' -e 'SLUB: Unable' \
      -e 'callbacks suppressed' -e 'TCP: out of memory' -e 'too many orphaned sockets' -e 'falling back to vmalloc' \
      -e "$MEDIC_NONCE " | tail -n 62
  }
}

# stamp_of <line>: sets `stamp` to its whole seconds since boot, or to nothing when it has none.
stamp_of() {
  case $1 in
    '['*.*']'*)
      stamp=${1#\[}
      stamp=${stamp%%.*}
      stamp=${stamp##* }
      case $stamp in '' | *[!0-9]*) stamp='' ;; esac
      ;;
    *) stamp='' ;;
  esac
}

drop_first_line() {
  case $text in
    *"$newline"*) text=${text#*"$newline"} ;;
    *) text='' ;;
  esac
}

kernel_log_section() {
  text=''
  status=timeout
  seconds_left
  if [ "$left" -ge 1 ]; then
    [ "$left" -le 4 ] || left=4
    text=$(kernel_log_lines "$left")
    split_exit_code
  fi
  room=$((room + log_reserve))
  log_most=$((room - 160))
  [ "$log_most" -le 6000 ] || log_most=6000
  # The newest lines are missing then.
  if [ "$status" = truncated ]; then
    text=''
    status=timeout
  fi
  if [ "$status" = ok ]; then
    log_first=${text%%"$newline"*}
    stamp_of "$log_first"
    ring_start=$stamp
    drop_first_line
    log_cut=no
    count_rows
    # 61 lines and the closing one were asked for: the 61st only tells that there were more.
    while [ "$rows" -gt 60 ] || [ "${#text}" -gt "$log_most" ]; do
      drop_first_line
      rows=$((rows - 1))
      log_cut=yes
    done
    [ "$log_cut" = no ] || stamp_of "${text%%"$newline"*}"
    log_lines=$text
    text=''
    if [ -n "$stamp" ]; then
      log_window=$((${uptime%%.*} - stamp))
      # The log's clock may run a little ahead of the uptime.
      [ "$log_window" -ge 0 ] || log_window=0
      add "window_seconds=$log_window"
    else
      add 'window_seconds='
    fi
    add "ring_start=$ring_start"
    [ -z "$log_lines" ] || add "$log_lines"
  fi
  section kernel-log - 6200
}
