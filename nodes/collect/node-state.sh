# What this node is, and what our own scripts have left on it.
count_online_cores() {
  cores=''
  kernel_value /sys/devices/system/cpu/online
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
  platform_text=$(plain /etc/os-release)
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
  platform=$(printf '%.60s %.60s' "$platform_id" "$platform_version" | tr -d "\"'" | printable)
}

# netns_of <pid>: sets `netns` to the inode number of its network namespace, or to nothing.
netns_of() {
  netns=$(readlink "/proc/$1/ns/net" 2>/dev/null)
  netns=${netns#'net:['}
  netns=${netns%']'}
  case $netns in *[!0-9]*) netns='' ;; esac
}

# started_at <pid>: sets `started` to the seconds after boot at which the process began, or to nothing. The kernel counts
# in hundredths of a second for user space on every architecture that nodes run on (man 5 proc_pid_stat, field 22).
started_at() {
  started=''
  kernel_value "/proc/$1/stat"
  # The name stands in brackets and may hold anything; what follows the last one is numbers.
  set -f
  # shellcheck disable=SC2086 # The fields are to be split.
  set -- ${value##*)}
  set +f
  [ "$#" -ge 20 ] || return 0
  case ${20} in '' | *[!0-9]* | ?????????????*) return 0 ;; esac
  started=$(printf '%d.%02d' "$((${20} / 100))" "$((${20} % 100))")
}

identity_section() {
  text=''
  status=ok
  read_uptime
  kernel_value /proc/sys/kernel/random/boot_id
  case $value in *[!0-9a-f-]*) value='' ;; esac
  add "boot_id=$value"
  netns_of self
  add "netns=$netns"
  netns_of 1
  add "netns_pid1=$netns"
  # This key exists in the initial network namespace and nowhere else.
  if [ -e /proc/sys/net/nf_conntrack_max ]; then add 'initial_netns=yes'; else add 'initial_netns=no'; fi
  add "kernel=$(uname -r | printable)"
  add "machine=$(uname -m | printable)"
  count_online_cores
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

# buckets can be read by anyone here; the module's parameter is for root only and says the same.
conntrack_section() {
  text=''
  status=missing
  read_uptime
  if [ -d /proc/sys/net/netfilter ]; then
    add_numbers '' /proc/sys/net/netfilter/nf_conntrack_count /proc/sys/net/netfilter/nf_conntrack_max \
      /proc/sys/net/netfilter/nf_conntrack_buckets
    if [ -n "$text" ]; then
      status=ok
    elif [ -e /proc/sys/net/netfilter/nf_conntrack_count ]; then
      status=denied
    fi
  fi
  section conntrack "$1" 200
}

# The backlog of received packets is read along with what belongs to connection tracking: a runbook doubles it.
timeouts_section() {
  text=''
  status=missing
  read_uptime
  set --
  for timeouts_key in tcp_timeout_established tcp_timeout_close_wait tcp_timeout_time_wait tcp_timeout_syn_recv \
    tcp_timeout_syn_sent tcp_timeout_fin_wait tcp_timeout_last_ack tcp_timeout_close udp_timeout udp_timeout_stream \
    tcp_be_liberal tcp_loose expect_max; do
    set -- "$@" "/proc/sys/net/netfilter/nf_conntrack_$timeouts_key"
  done
  add_numbers '' "$@" /proc/sys/net/core/netdev_max_backlog
  [ -z "$text" ] || status=ok
  section timeouts - 700
}

neighbours_section() {
  text=''
  status=missing
  read_uptime
  neighbours_folder=/proc/sys/net/ipv4/neigh/default
  add_numbers '' $neighbours_folder/gc_thresh1 $neighbours_folder/gc_thresh2 $neighbours_folder/gc_thresh3
  add_entries entries /proc/net/stat/arp_cache
  neighbours_folder=/proc/sys/net/ipv6/neigh/default
  add_numbers ipv6_ $neighbours_folder/gc_thresh1 $neighbours_folder/gc_thresh2 $neighbours_folder/gc_thresh3
  add_entries ipv6_entries /proc/net/stat/ndisc_cache
  [ -z "$text" ] || status=ok
  section neighbours - 300
}

# add_entries <key> <file>: the first column of the first row, in hexadecimal, is the number of entries in all.
add_entries() {
  kernel_value "$2"
  case $value in
    *"$newline"*) value=${value#*"$newline"} ;;
    *) value='' ;;
  esac
  value=${value%%[[:space:]]*}
  case $value in
    '' | *[!0-9a-f]*) ;;
    *) add "$1=$((0x$value))" ;;
  esac
}

memory_sections() {
  capture_lines '^(MemTotal|MemAvailable|Slab|SUnreclaim):' /proc/meminfo
  section meminfo 1 300
  # Older kernels keep a cache for each network namespace.
  capture_lines '^nf_conntrack(_[0-9a-f]+)? ' /proc/slabinfo
  [ "$status" != ok ] || text=$(printf '%s\n' "$text" | head -n 3)
  section slabinfo 1 500
}

sockstat_section() {
  capture_file /proc/net/sockstat
  if [ "$status" = ok ] && [ -e /proc/net/sockstat6 ]; then capture_file /proc/net/sockstat /proc/net/sockstat6; fi
  section sockstat 1 700
}
