# Reads back from the newest entry of the stack what a file was before that change.

# before_of <path>: sets `state` to what the newest entry recorded, or empties it.
before_of() {
  state=$(head -n "$top_lines" "$sysctl_file" | while read -r before_hash before_tag before_path before_state; do
    if [ "$before_hash $before_tag $before_path" = "# medic-before $1" ]; then printf '%s' "$before_state"; fi
  done)
}

# restored_state <path>: sets `state` to the file as it was before the newest change.
restored_state() {
  before_of "$1"
  case $state in
    body:*)
      restored_meta=${state#body:}
      restored_body=${restored_meta##*:}
      restored_meta=${restored_meta%:*}
      state=$restored_meta:$({
        older_header
        printf '%s' "$restored_body" | base64 -d
      } | encoded)
      ;;
  esac
}

# compare_store: sets `store_detail` to what the settings store says otherwise than before the change.
compare_store() {
  store_detail=''
  if [ "$has_store" = no ] || [ "$has_files" = no ]; then return 0; fi
  store_lines=$(head -n "$top_lines" "$sysctl_file" | grep '^# medic-store ')
  for store_key in $setting_keys; do
    case $store_lines in *"# medic-store $store_key "*) ;; *) continue ;; esac
    store_former=${store_lines##*"# medic-store $store_key "}
    store_former=${store_former%%"$newline"*}
    stored_value "$store_key"
    [ "$stored" != "$store_former" ] || continue
    if [ "$store_former" = absent ]; then store_former='no value'; fi
    store_detail="$store_detail ${store_key##*.}=$stored (before: $store_former)"
  done
  [ -z "$store_detail" ] || store_detail=" The store cannot forget a key:$store_detail."
}
