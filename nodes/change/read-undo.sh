# Reads back from the newest undo record of the stack what a file was before that change.

# before_of <path>: sets `state` to what that record says, or empties it.
before_of() {
  state=$(head -n "$top_lines" "$sysctl_file" | while read -r before_hash before_tag before_path before_state; do
    if [ "$before_hash $before_tag $before_path" = "# medic-before $1" ]; then printf '%s' "$before_state"; fi
  done)
}

# former_state <path>: sets `state` to the file as it was before the newest change.
former_state() {
  before_of "$1"
  case $state in
    body:*)
      former_meta=${state#body:}
      former_body=${former_meta##*:}
      former_meta=${former_meta%:*}
      state=$former_meta:$({
        older_header
        printf '%s' "$former_body" | base64 -d
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
    read_store "$store_key"
    [ "$in_store" != "$store_former" ] || continue
    if [ "$store_former" = absent ]; then store_former='no value'; fi
    store_detail="$store_detail ${store_key##*.}=$in_store (before: $store_former)"
  done
  [ -z "$store_detail" ] || store_detail=" The store cannot forget a key:$store_detail."
}
