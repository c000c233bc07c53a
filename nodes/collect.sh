# Reads what a diagnosis of connection tracking needs, twice, and changes nothing: no file is written, no module is
# loaded, and of the table only the beginning is read. Sections come in order of importance and are printed as they are complete.
renice -n 19 -p $$ >/dev/null 2>&1

case ${MEDIC_SAMPLE_SECONDS-} in
  [2-9] | [1-5][0-9] | 60) ;;
  *)
    echo 'conntrack-medic: sampleSeconds must be 2 to 60; nothing was collected, send the command again.' >&2
    exit 3
    ;;
esac

read_uptime
phase_deadline=$((${uptime%%.*} + 5))
run_deadline=$((${uptime%%.*} + MEDIC_SAMPLE_SECONDS + 12))

identity_section
state_section
conntrack_section 0
stat_section 0
flush
netstat_section 0
snmp_section 0
softnet_section 0
neighbour_tables_section 0
ethtool_section 0
first_pods
first_samples=$sections
sections=''

sleep "$MEDIC_SAMPLE_SECONDS"

phase_deadline=$run_deadline
conntrack_section 1
stat_section 1
flush
netstat_section 1
snmp_section 1
softnet_section 1
neighbour_tables_section 1
ethtool_section 1
pods_sections
second_samples=$sections
sections=''
timeouts_section
memory_sections
sockstat_section
neighbours_section
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
