# note_values <list>: keeps the running values of its keys, so that the result can tell them before and after.
note_values() {
  values_before=''
  [ -n "$1" ] || return 0
  for note_key in $setting_keys; do
    setting_in "$1" "$note_key"
    [ -n "$setting_to" ] || continue
    read_setting "$note_key"
    [ -z "$number" ] || values_before=$values_before${values_before:+,}$note_key=$number:$number
  done
}
