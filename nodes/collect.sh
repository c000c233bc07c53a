# Reads what a diagnosis of connection tracking needs, twice, and changes nothing: no file is written, no module is
# loaded, and of the table only the beginning is read. Sections come in order of importance and are printed as they are complete.

case ${MEDIC_SAMPLE_SECONDS-} in
  [2-9] | [1-5][0-9] | 60) ;;
  *)
    echo 'conntrack-medic: sampleSeconds must be 2 to 60; nothing was collected, send the command again.' >&2
    exit 3
    ;;
esac

# first_tables, second_tables: all tables of a sample in one reading. What is looked at later is kept as `table_<name>`.
first_tables() {
  # shellcheck disable=SC2086 # The names are to be split.
  kernel_tables @boot /proc/sys/kernel/random/boot_id @online /sys/devices/system/cpu/online \
    @release /proc/sys/kernel/osrelease @machine /proc/sys/kernel/arch $sample_files @links @pods
  set -f
  IFS='~'
  # shellcheck disable=SC2086 # The records are to be split.
  set -- $tables
  unset IFS
  set +f
  table_boot=${1-} table_online=${2-} table_release=${3-} table_machine=${4-}
  [ "$#" -lt 4 ] || shift 4
  keep_sample "$@"
  table_links=${7-} table_pods=${8-}
}

second_tables() {
  set -- @timeouts
  for timeouts_key in tcp_timeout_established tcp_timeout_close_wait tcp_timeout_time_wait tcp_timeout_syn_recv \
    tcp_timeout_syn_sent tcp_timeout_fin_wait tcp_timeout_last_ack tcp_timeout_close udp_timeout udp_timeout_stream \
    tcp_be_liberal tcp_loose expect_max; do
    set -- "$@" "/proc/sys/net/netfilter/nf_conntrack_$timeouts_key"
  done
  # The backlog of received packets is read along with what belongs to connection tracking: a runbook doubles it.
  set -- "$@" /proc/sys/net/core/netdev_max_backlog @meminfo /proc/meminfo @slabinfo /proc/slabinfo \
    @sockstat /proc/net/sockstat /proc/net/sockstat6 @modules /proc/modules \
    @iptables /proc/net/ip_tables_names @neighbours
  for neighbours_family in ipv4 ipv6; do
    neighbours_folder=/proc/sys/net/$neighbours_family/neigh/default
    set -- "$@" "$neighbours_folder/gc_thresh1" "$neighbours_folder/gc_thresh2" "$neighbours_folder/gc_thresh3"
    case $neighbours_family in ipv4) set -- "$@" /proc/net/stat/arp_cache ;; *) set -- "$@" /proc/net/stat/ndisc_cache ;; esac
  done
  tables_rules=$count_entries
  tables_seconds=6
  # shellcheck disable=SC2086 # The names are to be split.
  kernel_tables $sample_files "$@" @links @processes @pods @pod_sockets @entries /proc/net/nf_conntrack
  set -f
  IFS='~'
  # shellcheck disable=SC2086 # The records are to be split.
  set -- $tables
  unset IFS
  set +f
  keep_sample "$@"
  table_timeouts=${7-} table_meminfo=${8-} table_slabinfo=${9-}
  [ "$#" -lt 9 ] || shift 9
  table_sockstat=${1-} table_modules=${2-} table_iptables=${3-} table_neighbours=${4-}
  table_links=${5-} table_processes=${6-} table_pods=${7-} table_pod_sockets=${8-}
  table_entries=${9-}
}

# The tables that both samples have. The rows of the second family are left out where those of the first are not there.
sample_files='@conntrack /proc/sys/net/netfilter/nf_conntrack_count /proc/sys/net/netfilter/nf_conntrack_max
  /proc/sys/net/netfilter/nf_conntrack_buckets @stat /proc/net/stat/nf_conntrack @netstat /proc/net/netstat
  @snmp /proc/net/snmp @softnet /proc/net/softnet_stat @arp /proc/net/stat/arp_cache'
[ ! -f /proc/net/stat/arp_cache ] || sample_files="$sample_files /proc/net/stat/ndisc_cache"

keep_sample() {
  table_conntrack=${1-} table_stat=${2-} table_netstat=${3-} table_snmp=${4-} table_softnet=${5-} table_arp=${6-}
}

# sample_sections <sample>: what is read beside the table itself.
sample_sections() {
  table "$table_netstat"
  section netstat "$1" 1500
  table "$table_snmp"
  section snmp "$1" 1200
  table "$table_softnet"
  section softnet_stat "$1" 700
  table "$table_arp"
  section arp_cache "$1" 2400
  ethtool_section "$1"
}

read_uptime
phase_deadline=$((${uptime%%.*} + 5))
run_deadline=$((${uptime%%.*} + MEDIC_SAMPLE_SECONDS + 12))

first_tables
identity_section
state_section
table "$table_conntrack"
section conntrack 0 200
stat_section 0
flush
sample_sections 0
first_pods
first_samples=$sections
sections=''

sleep "$MEDIC_SAMPLE_SECONDS"

phase_deadline=$run_deadline
second_tables
table "$table_conntrack"
section conntrack 1 200
stat_section 1
flush
sample_sections 1
pods_sections
second_samples=$sections
sections=''
table "$table_timeouts"
section timeouts - 700
table "$table_meminfo"
section meminfo 1 300
table "$table_slabinfo"
section slabinfo 1 500
table "$table_sockstat"
section sockstat 1 700
table "$table_neighbours"
section neighbours - 300
find_processes
kube_proxy_section
tuners_section
persistence_section
entries_section
rules_sections
pod_sockets_section
rest=$sections
sections=''
kernel_log_section
sections=$sections$rest$first_samples$second_samples
text=''
status=ok
read_uptime
room=$((room + 100))
section end - 0
flush
exit 0
