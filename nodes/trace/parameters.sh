# The parameters, held once more to what the document holds them to.

# sound_port <text>
sound_port() {
  case $1 in '' | *[!0-9]* | 0* | ??????*) return 1 ;; esac
  [ "$1" -le 65535 ]
}

# sound_interface <text>: as the kernel takes a name, without what a shell or a tool would read as something else.
sound_interface() {
  case $1 in '' | *[!A-Za-z0-9._-]* | [.-]* | ????????????????*) return 1 ;; esac
}

# sound_address <text>: can be no option, no path and no pattern; whether it is an address shows when it is looked for.
sound_address() {
  case $1 in '' | *[!0-9a-f:.]* | ????????????????????????????????????????*) return 1 ;; esac
}

# check_parameters: sets `seconds`, `port`, `uplinks_given` and `pods_given`.
check_parameters() {
  case ${MEDIC_SECONDS-} in
    [5-9] | [1-5][0-9] | 60) seconds=$MEDIC_SECONDS ;;
    *) refuse bad-parameter 'seconds must be 5 to 60; nothing was captured.' ;;
  esac
  port=${MEDIC_PORT-}
  [ "$port" = any ] || sound_port "$port" || refuse bad-parameter 'port must be any or 1 to 65535; nothing was captured.'
  uplinks_given=''
  pods_given=''
  points_given=${MEDIC_POINTS-}
  [ "$points_given" != auto ] || return 0
  points_count=0
  while [ -n "$points_given" ]; do
    point_given=${points_given%%,*}
    case $points_given in
      *,) refuse bad-parameter 'points must not end with a comma; nothing was captured.' ;;
      *,*) points_given=${points_given#*,} ;;
      *) points_given='' ;;
    esac
    points_count=$((points_count + 1))
    case $point_given in
      uplink=*) sound_interface "${point_given#uplink=}" && uplinks_given="$uplinks_given ${point_given#uplink=}" ;;
      pod=*) sound_address "${point_given#pod=}" && pods_given="$pods_given ${point_given#pod=}" ;;
      *) false ;;
    esac || refuse bad-parameter 'points must be auto, or uplink=interface and pod=address separated by commas; nothing was captured.'
  done
  if [ "$points_count" -eq 0 ] || [ "$points_count" -gt 5 ]; then
    refuse bad-parameter 'points must name one to five; nothing was captured.'
  fi
}

# check_node: what stands in the way of a capture on this node.
check_node() {
  if [ -d /.bottlerocket ] || { [ -f /etc/os-release ] && head -c 4096 /etc/os-release | grep -qs '^ID="\{0,1\}bottlerocket"\{0,1\}$'; }; then
    refuse not-supported 'This is Bottlerocket: its control container may neither capture nor see the network of a pod; nothing was captured. Use the admin container: sudo sheltie, then medic trace --local --script.'
  fi
  for tool in awk cat date flock grep head ls mkdir rm rmdir setsid sed sleep sort stat tr; do
    command -v "$tool" >/dev/null 2>&1 ||
      refuse missing-tool "$tool is not installed on this node; nothing was captured."
  done
  if [ ! -d /proc/self/ns ] || [ ! -e /proc/net/route ]; then
    refuse missing-tool '/proc is not there; nothing was captured.'
  fi
  # This key exists in the initial network namespace and nowhere else.
  [ -e /proc/sys/net/core/netdev_max_backlog ] ||
    refuse not-initial-netns 'The command ran outside the initial network namespace, where the uplinks of the node cannot be seen; nothing was captured. Run it on the host.'
}
