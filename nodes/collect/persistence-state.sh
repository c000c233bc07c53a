# Which files set a conntrack key at boot, so that the plan can say what a raise will survive.
persistence_section() {
  text=''
  status=ok
  read_uptime
  if [ -e /proc/sys/net/netfilter/nf_conntrack_count ]; then
    if grep -q '^nf_conntrack ' /proc/modules 2>/dev/null; then add 'builtin=no'; else add 'builtin=yes'; fi
  elif built_in nf_conntrack; then
    add 'builtin=yes'
  else
    add 'builtin=no'
  fi
  if grep -qs '^[[:space:]]*nf_conntrack[[:space:]]*$' /etc/modules /etc/modules-load.d/*.conf \
    /run/modules-load.d/*.conf /usr/local/lib/modules-load.d/*.conf /usr/lib/modules-load.d/*.conf; then
    add 'modules_load=yes'
  else
    add 'modules_load=no'
  fi
  persistence_summary=$text
  persistence_lines
  text=$persistence_summary${text:+$newline$text}
  section persistence - 1800
}

# Comments are left out, which keeps the recorded bytes in the header of our own file at home.
persistence_lines() {
  set -- /etc/sysctl.conf /etc/sysctl.d/*.conf /run/sysctl.d/*.conf /usr/local/lib/sysctl.d/*.conf \
    /usr/lib/sysctl.d/*.conf /.bottlerocket/host-containers/current/conntrack-medic/*.conf /etc/modules /etc/modules-load.d/*.conf /run/modules-load.d/*.conf \
    /usr/local/lib/modules-load.d/*.conf /usr/lib/modules-load.d/*.conf /etc/modprobe.d/*.conf /run/modprobe.d/*.conf \
    /usr/local/lib/modprobe.d/*.conf /usr/lib/modprobe.d/*.conf /etc/tuned/*/tuned.conf
  tuned_profiles=''
  { read -r tuned_profiles </etc/tuned/active_profile; } 2>/dev/null
  for tuned_profile in $tuned_profiles; do
    set -- "$@" "/usr/lib/tuned/$tuned_profile/tuned.conf"
  done
  for persistence_path in "$@"; do
    shift
    [ ! -f "$persistence_path" ] || set -- "$@" "$persistence_path"
  done
  text=''
  status=ok
  [ "$#" -gt 0 ] || return 0
  capture 3 grep -HnE '^[^#;]*nf_conntrack' "$@"
  case $code in
    0) text=$(printf '%s\n' "$text" | sed 's/^\([^:]*:[0-9]*:\)/\1 /' | head -n 40) ;;
    1) status=ok ;;
  esac
}
