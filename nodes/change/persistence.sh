# What makes a change last on this node.

# The files of the module have no effect where connection tracking is part of the kernel, and none where a store sets all.
conntrack_is_built_in() {
  [ "$has_store" = no ] || return 0
  grep -q '^nf_conntrack ' /proc/modules 2>/dev/null && return 1
  builtin_list=/lib/modules/$(uname -r)/modules.builtin
  [ -r "$builtin_list" ] || return 0
  grep -q '/nf_conntrack\.ko' "$builtin_list"
}

# read_own_body: sets `own_body` to what our file makes last now.
read_own_body() {
  own_body=''
  [ "$header_lines" -gt 0 ] || return 0
  own_body=$(tail -n "+$((header_lines + 1))" "$sysctl_file" | grep -xE '[a-z0-9_.]+ = (0|[1-9][0-9]{0,9})')
}

# kept_value <key>: sets `kept` to what our file makes last, or to nothing.
kept_value() {
  kept=''
  case $newline$own_body in
    *"$newline$1 = "*)
      kept=$newline$own_body
      kept=${kept##*"$newline$1 = "}
      kept=${kept%%"$newline"*}
      ;;
  esac
}

# sysctl_body <list>: what our file sets from now on: the list's values, and of what it set before whatever the list
# leaves alone. Buckets first, as at run time. On old kernels that key can only be read, and one line that cannot be
# applied makes systemd-sysctl fail.
sysctl_body() {
  printf '%s\n' '# Written by conntrack-medic. The lines above record what was here before; medic-rollback needs them as they are.'
  for body_key in $setting_keys; do
    setting_in "$1" "$body_key"
    if [ -z "$setting_to" ]; then
      kept_value "$body_key"
      setting_to=$kept
    fi
    case $body_key in
      *_buckets) [ "$has_store" = yes ] || [ -w /proc/sys/net/netfilter/nf_conntrack_buckets ] || setting_to='' ;;
    esac
    [ -z "$setting_to" ] || printf '%s = %s\n' "$body_key" "$setting_to"
  done
}

modules_body() {
  printf '%s\n' '# Written by conntrack-medic: systemd-sysctl can only set the limit once the module is there.' nf_conntrack
}

modprobe_body() {
  printf '%s\n' '# Written by conntrack-medic. At load the kernel takes the limit as 8 x hashsize; sysctl.d sets the exact one after.' \
    "options nf_conntrack hashsize=$1"
}

# check_root: where the whole root file system is an image that nobody writes to, a change would be gone at the next boot
# and is better made in what the node is made from.
check_root() {
  [ "$has_store" = no ] || return 0
  root_options=$(grep '^[^ ]* / ' /proc/mounts 2>/dev/null | tail -n 1)
  root_options=${root_options#* / * }
  case ",${root_options%% *}," in
    *,ro,*) [ -w /etc/sysctl.d ] || refuse read-only-root 'The root file system of this node is read-only, so nothing can be made to last; nothing was changed. Change the template that the node is made from.' ;;
  esac
}
