# Reads what a diagnosis of connection tracking needs, twice, and changes nothing: no file is written, no module is
# loaded, and of the table only the beginning is read. Sections come in order of importance and are printed as they are complete.

case ${MEDIC_SAMPLE_SECONDS-} in
  [2-9] | [1-5][0-9] | 60) ;;
  *)
    echo 'conntrack-medic: sampleSeconds must be 2 to 60; nothing was collected, send the command again.' >&2
    exit 3
    ;;
esac

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
