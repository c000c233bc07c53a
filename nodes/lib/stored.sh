# What the settings store of Bottlerocket says.

# stored_value <key>: sets `stored` to what the store sets the key to, or to `absent`.
stored_value() {
  stored=$(apiclient get settings.kernel.sysctl 2>/dev/null | grep -o "\"$1\": *\"[0-9]*\"" | head -n 1)
  stored=${stored##*: }
  stored=$(printf '%s' "$stored" | tr -cd 0-9)
  stored=${stored:-absent}
}

# unstore <list>: gives the store back the former value of what it was given and does not run yet: now it never will.
unstore() {
  [ "$has_store" = yes ] || return 0
  for unstore_key in $setting_keys; do
    setting_in "$1" "$unstore_key"
    [ -n "$setting_to" ] || continue
    stored_value "$unstore_key"
    [ "$stored" = "$setting_to" ] || continue
    read_setting "$unstore_key"
    [ "$number" = "$setting_from" ] || continue
    write_value "$unstore_key" "$setting_from" "$path"
  done
}
