# Services that set the kernel's settings on their own and may set back what a click has set: TuneD by its profile, bpftune
# by what it sees.

# add_running <name> <pid or unknown or nothing>
add_running() {
  case $2 in
    '') add "$1=no" ;;
    unknown) add "$1=unknown" ;;
    *) add "$1=yes" ;;
  esac
}

tuners_section() {
  text=''
  status=$processes
  read_uptime
  if [ "$status" = ok ]; then
    add_running tuned "$tuned_pid"
    if [ -n "$tuned_pid" ]; then
      first_line /etc/tuned/active_profile
      add "tuned_profile=$(printf '%.100s' "$line" | tr -c 'A-Za-z0-9 ._-' '?')"
      # Unless it is told otherwise, it applies sysctl.d once more after its own profile.
      read_plain /etc/tuned/tuned-main.conf
      if printf '%s\n' "$contents" | grep -qiE '^[[:space:]]*reapply_sysctl[[:space:]]*=[[:space:]]*(0|false|no|off)'; then
        add 'tuned_reapply=no'
      else
        add 'tuned_reapply=yes'
      fi
    fi
    add_running bpftune "$bpftune_pid"
  fi
  section tuners - 400
}
