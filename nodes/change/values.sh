# Settings beside the limit that a change may touch. A list of them is one word, key=from:to,key=from:to, each key once.

# In the order in which they are written. Of thresholds the highest goes first, so that they never cross.
setting_keys='net.netfilter.nf_conntrack_buckets
net.netfilter.nf_conntrack_max
net.netfilter.nf_conntrack_tcp_timeout_established
net.netfilter.nf_conntrack_tcp_timeout_close_wait
net.netfilter.nf_conntrack_tcp_timeout_time_wait
net.ipv4.neigh.default.gc_thresh3
net.ipv4.neigh.default.gc_thresh2
net.ipv4.neigh.default.gc_thresh1
net.ipv6.neigh.default.gc_thresh3
net.ipv6.neigh.default.gc_thresh2
net.ipv6.neigh.default.gc_thresh1'

# setting_in <list> <key>: sets `setting_from` and `setting_to`, or empties them.
setting_in() {
  setting_from=''
  setting_to=''
  case ",$1," in
    *",$2="*)
      setting_rest=",$1,"
      setting_rest=${setting_rest#*",$2="}
      setting_rest=${setting_rest%%,*}
      setting_from=${setting_rest%%:*}
      setting_to=${setting_rest#*:}
      ;;
  esac
}

# bounds_of <key>: each setting that a click may change goes one way only, and only so far. Fails for any other key.
bounds_of() {
  case $1 in
    net.netfilter.nf_conntrack_buckets) bound_way=up bound_least=512 bound_most=4194304 ;;
    net.netfilter.nf_conntrack_tcp_timeout_established) bound_way=down bound_least=3600 bound_most=432000 ;;
    net.netfilter.nf_conntrack_tcp_timeout_close_wait) bound_way=down bound_least=30 bound_most=3600 ;;
    net.netfilter.nf_conntrack_tcp_timeout_time_wait) bound_way=down bound_least=30 bound_most=600 ;;
    net.ipv4.neigh.default.gc_thresh[123] | net.ipv6.neigh.default.gc_thresh[123])
      bound_way=up bound_least=1 bound_most=262144
      ;;
    *) return 1 ;;
  esac
}

# goes_its_way <from> <to>: whether that is the way of the key whose bounds were read.
goes_its_way() {
  if [ "$bound_way" = up ]; then [ "$2" -gt "$1" ]; else [ "$2" -lt "$1" ]; fi
}

# split_change <key=from:to>: sets `change_key`, `change_from` and `change_to`; fails when it is none.
split_change() {
  case $1 in *[!a-z0-9_.=:]* | *=*=* | *:*:* | *:*=*) return 1 ;; *=*:*) ;; *) return 1 ;; esac
  change_key=${1%%=*}
  change_to=${1#*:}
  change_from=${1#*=}
  change_from=${change_from%%:*}
  bounds_of "$change_key" || bound_way=none
}

# sound_settings <list> <bounded|back>: whether a list that was read from a file is one of ours: of a change, within the
# bounds that a parameter is held to, or of the way back from one.
sound_settings() {
  sound_rest=$1
  sound_before=,
  while [ -n "$sound_rest" ]; do
    split_change "${sound_rest%%,*}" && [ "$bound_way" != none ] && sound_record "$change_from" "$change_to" || return 1
    case $sound_before in *",$change_key,"*) return 1 ;; esac
    sound_before=$sound_before$change_key,
    if [ "$2" = bounded ]; then
      goes_its_way "$change_from" "$change_to" || return 1
      if [ "$change_to" -lt "$bound_least" ] || [ "$change_to" -gt "$bound_most" ]; then return 1; fi
    fi
    case $sound_rest in *,) return 1 ;; *,*) sound_rest=${sound_rest#*,} ;; *) sound_rest='' ;; esac
  done
}

# setting_file <key>: sets `path` to where the kernel shows it.
setting_file() {
  path=/proc/sys
  set -f
  IFS=.
  for setting_part in $1; do path=$path/$setting_part; done
  unset IFS
  set +f
}

# read_setting <key>: sets `number` to the running value, or empties it.
read_setting() {
  setting_file "$1"
  read_number "$path"
}

# write_setting <key> <value>: fails when the kernel refuses it or another value can be read afterwards.
write_setting() {
  case $1 in
    *_buckets)
      write_buckets "$2"
      return
      ;;
  esac
  setting_file "$1"
  write_value "$1" "$2" "$path"
  read_number "$path"
  [ "$number" = "$2" ]
}

# write_buckets <number>: the kernel rounds up to a multiple of 512. Older kernels take it by the module's parameter only.
write_buckets() {
  buckets_path=/proc/sys/net/netfilter/nf_conntrack_buckets
  if [ "$has_store" = no ] && [ ! -w "$buckets_path" ]; then buckets_path=/sys/module/nf_conntrack/parameters/hashsize; fi
  write_value net.netfilter.nf_conntrack_buckets "$1" "$buckets_path" || return 1
  read_running
  [ -n "$buckets" ] && [ "$buckets" -ge "$1" ]
}

# has_arrived <key> <value>: whether the running value, in `number`, is this one.
has_arrived() {
  [ -n "$number" ] || return 1
  case $1 in
    *_buckets) [ "$number" -ge "$2" ] ;;
    *) [ "$number" = "$2" ] ;;
  esac
}

# all_arrived <list>: whether every running value is where the list goes.
all_arrived() {
  for arrived_key in $setting_keys; do
    setting_in "$1" "$arrived_key"
    [ -n "$setting_to" ] || continue
    read_setting "$arrived_key"
    has_arrived "$arrived_key" "$setting_to" || return 1
  done
}

# move_settings <list>: moves every setting on from where the list starts to where it goes. What somebody else has set
# since is left. Sets `stuck` to the keys that the kernel did not take.
move_settings() {
  stuck=''
  [ -n "$1" ] || return 0
  for move_key in $setting_keys; do
    setting_in "$1" "$move_key"
    [ -n "$setting_to" ] || continue
    move_to=$setting_to
    read_setting "$move_key"
    [ "$number" = "$setting_from" ] || continue
    write_setting "$move_key" "$move_to" || stuck="$stuck $move_key"
  done
  [ -z "$stuck" ]
}

# taken_back <list>: sets `back` to the list the other way round, for what still runs as the list left it. Buckets stay:
# shrinking them stalls traffic once more and repairs nothing.
taken_back() {
  back=''
  [ -n "$1" ] || return 0
  for back_key in $setting_keys; do
    case $back_key in *_buckets) continue ;; esac
    setting_in "$1" "$back_key"
    [ -n "$setting_to" ] || continue
    read_setting "$back_key"
    [ "$number" = "$setting_to" ] || continue
    back=$back${back:+,}$back_key=$setting_to:$setting_from
  done
}

# print_values: one line for each noted key.
print_values() {
  [ -n "$values_before" ] || return 0
  for print_key in $setting_keys; do
    setting_in "$values_before" "$print_key"
    [ -n "$setting_to" ] || continue
    read_setting "$print_key"
    [ -z "$number" ] || printf 'value=%s %s %s\n' "$print_key" "$setting_from" "$number"
  done
}
