# Run Command hands back the first 24,000 characters. `room` is what the sections may still take;
# a part is set aside for the kernel log, which is cut to whatever is left at the end.
sections=''
log_reserve=2000
room=$((23900 - log_reserve))

# section <source> <sample> <most characters>: appends `text` under `status`, read at `uptime`.
section() {
  section_header="=== medic/1 $MEDIC_NONCE $1 $2 $status $uptime"
  section_most=$3
  # 10: `truncated` may replace a shorter status, and two line ends.
  section_room=$((room - ${#section_header} - 10))
  [ "$section_most" -le "$section_room" ] || section_most=$section_room
  [ "$section_most" -ge 0 ] || return 0
  if [ "${#text}" -gt "$section_most" ]; then
    text=$(printf "%.${section_most}s" "$text")
    # A line cut in half would be read as a whole one.
    case $text in
      *"$newline"*) text=${text%"$newline"*} ;;
      *) text='' ;;
    esac
    status=truncated
    section_header="=== medic/1 $MEDIC_NONCE $1 $2 $status $uptime"
  fi
  section_text=$section_header$newline${text:+$text$newline}
  sections=$sections$section_text
  room=$((room - ${#section_text}))
}

# add <line>: appends a line to `text`.
add() {
  text=$text${text:+$newline}$1
}

# add_numbers <prefix> <file...>: appends prefix and the file's name = its number, for each that holds a plain one.
add_numbers() {
  numbers_prefix=$1
  shift
  for number_line in $(number_lines "$@"); do
    number_name=${number_line%:*}
    add "$numbers_prefix${number_name##*/}=${number_line##*:}"
  done
}

# Prints and forgets what has been gathered so far.
flush() {
  printf '%s' "$sections"
  sections=''
}
