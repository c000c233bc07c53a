# Lists of settings across two changes of one incident.

# merge_settings <older> <newer>: sets `merged`: from where the older list started to where the newer one arrives.
merge_settings() {
  merged=$1
  [ -n "$2" ] || return 0
  merged=''
  for merge_key in $setting_keys; do
    setting_in "$1" "$merge_key"
    merge_from=$setting_from
    merge_to=$setting_to
    setting_in "$2" "$merge_key"
    if [ -n "$setting_to" ]; then
      merge_to=$setting_to
      # Where somebody else has moved it in between, one step over both could go the wrong way: then the newer one counts.
      if [ -z "$merge_from" ] || { bounds_of "$merge_key" && ! goes_its_way "$merge_from" "$merge_to"; }; then merge_from=$setting_from; fi
    fi
    [ -z "$merge_to" ] || merged=$merged${merged:+,}$merge_key=$merge_from:$merge_to
  done
}

