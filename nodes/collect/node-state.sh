# What this node is, and what our own scripts have left on it.
count_online_cores() {
  cores=''
  table "$table_online"
  value=$text
  case $value in '' | *[!0-9,-]*) return ;; esac
  cores=0
  IFS=,
  for core_range in $value; do
    cores=$((cores + ${core_range#*-} - ${core_range%-*} + 1))
  done
  unset IFS
}

# os-release is shell text: it is read, never sourced.
read_platform() {
  platform_id=''
  platform_version=''
  read_plain /etc/os-release
  platform_text=$contents
  if [ -z "$platform_text" ] && [ ! -d /.bottlerocket ]; then return 0; fi
  set -f
  IFS=$newline
  for platform_line in $platform_text; do
    case $platform_line in
      ID=*) platform_id=${platform_line#ID=} ;;
      VERSION_ID=*) platform_version=${platform_line#VERSION_ID=} ;;
    esac
  done
  unset IFS
  set +f
  # On Bottlerocket commands run in a container that is made from another system.
  if [ -d /.bottlerocket ]; then
    platform_id=bottlerocket
    platform_version=$(bounded 2 apiclient get os 2>/dev/null | head -c 20000 | sed -n 's/.*"version_id": *"\([0-9.]*\)".*/\1/p' | head -n 1)
  fi
  platform=$platform_id\ $platform_version
  if [ "${#platform}" -le 60 ]; then
    while :; do
      case $platform in
        *[\"\']*) platform=${platform%%[\"\']*}${platform#*[\"\']} ;;
        *) break ;;
      esac
    done
  fi
  case $platform in
    *[!A-Za-z0-9._\ -]*) platform=$(printf '%.60s %.60s' "$platform_id" "$platform_version" | tr -d "\"'" | printable) ;;
  esac
}

# started_at <pid>: sets `started` to the seconds after boot at which the process began, or to nothing. The kernel counts
# in hundredths of a second for user space on every architecture that nodes run on (man 5 proc_pid_stat, field 22).
started_at() {
  started=''
  value=''
  { IFS= read -r value <"/proc/$1/stat"; } 2>/dev/null
  # The name stands in brackets and may hold anything; what follows the last one is numbers.
  set -f
  # shellcheck disable=SC2086 # The fields are to be split.
  set -- ${value##*)}
  set +f
  [ "$#" -ge 20 ] || return 0
  case ${20} in '' | *[!0-9]* | ?????????????*) return 0 ;; esac
  started=$((${20} % 100))
  case $started in ?) started=0$started ;; esac
  started=$((${20} / 100)).$started
}

# Sets `kernel_release` and `kernel_machine`: older kernels have no file for the second.
read_kernel() {
  table "$table_release"
  kernel_release=$text
  table "$table_machine"
  kernel_machine=$text
  case $kernel_release/$kernel_machine in
    *[!A-Za-z0-9._+/-]* | /* | */)
      kernel_words=$(uname -r -m 2>/dev/null)
      case $kernel_words in *[!\ -~]*) kernel_words=$(printf '%s' "$kernel_words" | printable) ;; esac
      kernel_release=${kernel_words% *}
      kernel_machine=${kernel_words##* }
      ;;
  esac
}

identity_section() {
  read_link_record
  read_kernel
  table "$table_boot"
  value=$text
  text=''
  status=ok
  read_uptime
  case $value in *[!0-9a-f-]*) value='' ;; esac
  add "boot_id=$value"
  add "netns=$own_netns"
  add "netns_pid1=$first_netns"
  # This key exists in the initial network namespace and nowhere else.
  if [ -e /proc/sys/net/nf_conntrack_max ]; then add 'initial_netns=yes'; else add 'initial_netns=no'; fi
  add "kernel=$kernel_release"
  add "machine=$kernel_machine"
  identity_text=$text
  count_online_cores
  text=$identity_text
  status=ok
  add "cores=$cores"
  platform=''
  read_platform
  add "platform=$platform"
  started_at 1
  add "pid1_started=$started"
  add "collector=1"
  section identity - 700
}

# Where our scripts keep what they have begun and done: on Bottlerocket in the one folder of its control container that lasts.
state_section() {
  text=''
  status=ok
  read_uptime
  state_lasting=/var/lib/conntrack-medic
  state_stack=/etc/sysctl.d/99-zz-conntrack-medic.conf
  if [ -d /.bottlerocket ]; then
    state_lasting=/.bottlerocket/host-containers/current/conntrack-medic
    state_stack=$state_lasting/99-zz-conntrack-medic.conf
  fi
  if [ -d "$state_lasting" ] && [ ! -x "$state_lasting" ]; then
    status=denied
  else
    if [ -e "$state_lasting/journal" ] || [ -e /run/conntrack-medic/journal ]; then
      add 'half_applied=yes'
    else
      add 'half_applied=no'
    fi
    state_incident=''
    for state_file in /run/conntrack-medic/unpersisted "$state_stack"; do
      first_line "$state_file"
      set -f
      # shellcheck disable=SC2086 # The words are to be split.
      set -- $line
      set +f
      [ "${1-} ${2-}" = '# medic-incident' ] || continue
      state_id=${3-}
      state_target=${6-}
      case $state_id in
        *[!a-z0-9-]*) ;;
        *)
          state_incident=$state_id
          break
          ;;
      esac
    done
    add "incident=$state_incident"
    [ -z "$state_incident" ] || add_newest_raise
  fi
  section state - 200
}

# add_newest_raise: the limit that the newest change set, 0 where it set none, and how long ago its file was written.
add_newest_raise() {
  state_target=${state_target#target=}
  case $state_target in '' | *[!0-9]* | ????????*) return 0 ;; esac
  state_written=$(stat -c %Y "$state_file" 2>/dev/null)
  state_now=$(date +%s 2>/dev/null)
  case $state_written$state_now in '' | *[!0-9]*) return 0 ;; esac
  [ -n "$state_written" ] && [ -n "$state_now" ] && [ "$state_now" -ge "$state_written" ] || return 0
  add "raised_to=$state_target"
  add "raised_seconds_ago=$((state_now - state_written))"
}
