# Which files set a key of ours at boot, so that the plan can say what a change will survive. How many lines and files
# are left out of the list is told.
persistence_most=40

persistence_section() {
  text=''
  status=ok
  read_uptime
  if [ -e /proc/sys/net/netfilter/nf_conntrack_count ]; then
    table "$table_modules"
    persistence_loaded=$status
    text=''
    status=ok
    if [ "$persistence_loaded" = ok ]; then add 'builtin=no'; else add 'builtin=yes'; fi
  elif built_in nf_conntrack; then
    add 'builtin=yes'
  else
    add 'builtin=no'
  fi
  persistence_summary=$text
  persistence_lines
  persistence_found=$text
  text=$persistence_summary
  if [ -n "$loads_module" ]; then add "modules_load=$loads_module"; fi
  [ -z "$unread" ] || add "$unread"
  [ "$unread_count" -le 5 ] || add "unread_more=$((unread_count - 5))"
  [ "$persistence_cut" -eq 0 ] || add "unlisted=$persistence_cut"
  [ -z "$persistence_found" ] || add "$persistence_found"
  section persistence - 1800
}

# Comments are left out, which keeps the recorded bytes in the header of our own file at home.
persistence_lines() {
  set -- /etc/sysctl.conf /etc/sysctl.d/*.conf /run/sysctl.d/*.conf /usr/local/lib/sysctl.d/*.conf \
    /usr/lib/sysctl.d/*.conf /.bottlerocket/host-containers/current/conntrack-medic/*.conf /etc/modules /etc/modules-load.d/*.conf /run/modules-load.d/*.conf \
    /usr/local/lib/modules-load.d/*.conf /usr/lib/modules-load.d/*.conf /etc/modprobe.d/*.conf /run/modprobe.d/*.conf \
    /usr/local/lib/modprobe.d/*.conf /usr/lib/modprobe.d/*.conf /etc/tuned/*/tuned.conf /etc/tuned/profiles/*/tuned.conf
  first_line /etc/tuned/active_profile
  set -f
  for tuned_profile in $line; do
    set -- "$@" "/usr/lib/tuned/$tuned_profile/tuned.conf" "/usr/lib/tuned/profiles/$tuned_profile/tuned.conf"
  done
  set +f
  unread=''
  unread_count=0
  persistence_cut=0
  lines_of '^[^#;]*(nf_conntrack|neigh[./]default[./]gc_thresh[123])' "$@"
  loads_module=''
  case $code in
    0)
      # The lines are looked at here: few files name a key, and a tool for each question costs more than they do.
      persistence_text=''
      persistence_seen=0
      set -f
      IFS=$newline
      for persistence_line in $text; do
        persistence_file=${persistence_line%%:*}
        persistence_value=${persistence_line#*:}
        persistence_number=${persistence_value%%:*}
        persistence_value=${persistence_value#*:}
        case $persistence_file in
          */modules | */modules-load.d/*)
            persistence_word=${persistence_value#"${persistence_value%%[! ]*}"}
            [ "${persistence_word%"${persistence_word##*[! ]}"}" != nf_conntrack ] || loads_module=yes
            ;;
        esac
        persistence_seen=$((persistence_seen + 1))
        [ "$persistence_seen" -le "$persistence_most" ] || continue
        [ "${#persistence_line}" -le 512 ] || persistence_value=$(printf '%.480s' "$persistence_value")
        case $persistence_number in
          '' | *[!0-9]*) ;;
          *) persistence_line=$persistence_file:$persistence_number:\ $persistence_value ;;
        esac
        persistence_text=$persistence_text${persistence_text:+$newline}$persistence_line
      done
      unset IFS
      set +f
      [ "$persistence_seen" -le "$persistence_most" ] || persistence_cut=$((persistence_seen - persistence_most))
      text=$persistence_text
      ;;
    1) status=ok ;;
  esac
  if [ -z "$loads_module" ] && [ "$status" = ok ]; then
    case $unread in */modules*) ;; *) loads_module=no ;; esac
  fi
}
