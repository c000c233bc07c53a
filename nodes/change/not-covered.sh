# report_not_covered <max>: files of others that set another limit after ours. They are never edited.
report_not_covered() {
  [ "$has_store" = no ] || return 0
  covered_seen=' '
  covered_own=${sysctl_file##*/}
  for covered_directory in /etc /run /usr/local/lib /usr/lib /lib; do
    # Where /lib is a link to /usr/lib its files are the same ones.
    if [ "$covered_directory" = /lib ] && [ -L /lib ]; then continue; fi
    for covered_path in "$covered_directory"/sysctl.d/*.conf; do
      covered_name=${covered_path##*/}
      # All directories are merged by name, and the first directory hides the rest.
      case $covered_seen in *" $covered_name "*) continue ;; esac
      covered_seen="$covered_seen$covered_name "
      if expr "x$covered_name" '>' "x$covered_own" >/dev/null; then report_limit_in "$covered_path" "$1"; fi
    done
  done
  # Left out at boot unless linked into sysctl.d, but `sysctl --system` reads it last of all.
  report_limit_in /etc/sysctl.conf "$1"
  tuned_profiles=''
  if [ -f /etc/tuned/active_profile ]; then tuned_profiles=$(head -c 200 /etc/tuned/active_profile 2>/dev/null | head -n 1 | tr -d '\000*?['); fi
  for tuned_profile in $tuned_profiles; do
    report_limit_in "/etc/tuned/$tuned_profile/tuned.conf" "$1"
    report_limit_in "/usr/lib/tuned/$tuned_profile/tuned.conf" "$1"
  done
}

# report_limit_in <file> <max>: its last line that sets the limit counts. A pipe, a device or a file without end holds
# nobody up: it is named instead. A link to /dev/null is how systemd spells "not this file".
report_limit_in() {
  # shellcheck disable=SC3013 # dash, busybox and bash all have -ef.
  if ! [ -e "$1" ] || [ -d "$1" ] || [ "$1" -ef /dev/null ]; then return 0; fi
  limit_size=''
  [ ! -f "$1" ] || limit_size=$(stat -L -c %s "$1" 2>/dev/null)
  if [ "${limit_size:-$((file_most_bytes + 1))}" -gt "$file_most_bytes" ]; then
    result_line "not_covered=$1 is no plain file of a sane size and was not read"
    return 0
  fi
  limit_line=$(grep -nE '^[[:space:]]*-?net[./](netfilter[./])?nf_conntrack_max[[:space:]]*=' "$1" 2>/dev/null | tail -n 1)
  [ -n "$limit_line" ] || return 0
  limit_value=$(printf '%s' "${limit_line#*=}" | tr -d ' \t\r')
  [ "$limit_value" != "$2" ] || return 0
  result_line "not_covered=$1:${limit_line%%:*} sets $(printf '%.20s' "$limit_value")"
}
