# Bottlerocket keeps its settings in a store: what is set there runs at once and at every boot, and no sysctl.d file does.
# Commands run in its control container, whose own /etc and /var/lib are gone at the next boot; one folder is kept
# (Bottlerocket, host containers: persistent storage). There our stack, the journal and the ledger are.
has_store=no
store_folder=/.bottlerocket/host-containers/current
if [ -d /.bottlerocket ] || { [ -f /etc/os-release ] && head -c 4096 /etc/os-release | grep -qs '^ID="\{0,1\}bottlerocket"\{0,1\}$'; }; then
  has_store=yes
  state_directory=$store_folder/conntrack-medic
  sysctl_file=$state_directory/99-zz-conntrack-medic.conf
  # The store brings raised buckets back at every boot.
  buckets_file=$state_directory/buckets-before
fi

# check_store: refuses where the store is out of reach.
check_store() {
  [ "$has_store" = yes ] || return 0
  command -v apiclient >/dev/null 2>&1 || refuse not-supported \
    'This is Bottlerocket, but apiclient is not there where the command ran; nothing was changed. Set settings.kernel.sysctl in the user data of the node instead.'
  apiclient get settings.kernel.sysctl >/dev/null 2>&1 || refuse not-supported \
    'The settings of this Bottlerocket node cannot be read with apiclient; nothing was changed. Set settings.kernel.sysctl in the user data of the node instead.'
  if [ ! -d "$store_folder" ] || [ ! -w "$store_folder" ]; then
    refuse not-supported "$store_folder cannot be written to, so what was before could not be kept; nothing was changed."
  fi
}

# write_value <key> <value> <file>: the store applies what it was given a moment after it has answered.
write_value() {
  if [ "$has_store" = no ]; then
    { printf '%s\n' "$2" >"$3"; } 2>/dev/null
    return
  fi
  apiclient set --json "{\"kernel\": {\"sysctl\": {\"$1\": \"$2\"}}}" >/dev/null 2>&1 || return 1
  store_patience=10
  while [ "$store_patience" -gt 0 ]; do
    read_number "$3"
    case $1 in
      *_buckets) if [ -n "$number" ] && [ "$number" -ge "$2" ]; then return 0; fi ;;
      *) if [ "$number" = "$2" ]; then return 0; fi ;;
    esac
    sleep 1
    store_patience=$((store_patience - 1))
  done
}

# read_store <key>: sets `in_store` to what the store sets the key to, or to `absent`.
read_store() {
  in_store=$(apiclient get settings.kernel.sysctl 2>/dev/null | grep -o "\"$1\": *\"[0-9]*\"" | head -n 1)
  in_store=${in_store##*: }
  in_store=$(printf '%s' "$in_store" | tr -cd 0-9)
  in_store=${in_store:-absent}
}

# reset_store <list>: gives the store back the former value of what it was given and does not run yet: now it never will.
reset_store() {
  [ "$has_store" = yes ] || return 0
  for reset_key in $setting_keys; do
    setting_in "$1" "$reset_key"
    [ -n "$setting_to" ] || continue
    read_store "$reset_key"
    [ "$in_store" = "$setting_to" ] || continue
    read_setting "$reset_key"
    [ "$number" = "$setting_from" ] || continue
    write_value "$reset_key" "$setting_from" "$path"
  done
}
