# Reads back from the newest entry of the stack what a file was before that raise.

# before_of <path>: sets `state` to what the newest entry recorded, or empties it.
before_of() {
  state=$(head -n "$top_lines" "$sysctl_file" | while read -r before_hash before_tag before_path before_state; do
    if [ "$before_hash $before_tag $before_path" = "# medic-before $1" ]; then printf '%s' "$before_state"; fi
  done)
}

# restored_state <path>: sets `state` to the file as it was before the newest raise.
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
