# What a trace answers with: sections as the collector's, in what Run Command hands back of an output.
umask 077
sections=''
# Run Command hands back the first 24,000 characters.
room=23900

# section <source> <sample> <most characters>: appends `text` under `status`, read at `uptime`.
section() {
  section_header="=== medic/1 $MEDIC_NONCE $1 $2 $status $uptime"
  # 10: `truncated` may replace a shorter status, and two line ends.
  section_most=$((room - ${#section_header} - 10))
  [ "$3" -gt "$section_most" ] || section_most=$3
  [ "$section_most" -ge 0 ] || return 0
  if [ "${#text}" -gt "$section_most" ]; then
    text=$(printf "%.${section_most}s" "$text")
    # A line cut in half would be read as a whole one.
    case $text in *"$newline"*) text=${text%"$newline"*} ;; *) text='' ;; esac
    section_header="=== medic/1 $MEDIC_NONCE $1 $2 truncated $uptime"
  fi
  section_text=$section_header$newline${text:+$text$newline}
  sections=$sections$section_text
  room=$((room - ${#section_text}))
}

# add <line>: appends a line to `text`.
add() {
  text=$text${text:+$newline}$1
}

# flush: prints what has been gathered.
flush() {
  printf '%s' "$sections"
  sections=''
}

# answer <outcome> <code or nothing> <sentence>: what became of the trace, and the end of the output.
answer() {
  status=ok
  text=''
  add "outcome=$1"
  add "code=$2"
  add "detail=$(printf '%.300s' "$3" | tr -c ' -~' '?')"
  read_uptime
  section trace - 2000
  text=''
  section end - 0
  flush
}

trace_begun=no

# refuse <code> <sentence>: what has been set up is taken away first.
refuse() {
  sections=''
  [ "$trace_begun" = no ] || stop_trace
  answer refused "$1" "$2"
  exit 3
}

# sound_count <text>: a number as the kernel or a tool prints it, short enough to calculate with.
sound_count() {
  case $1 in '' | *[!0-9]* | 0?* | ????????????*) return 1 ;; esac
}
