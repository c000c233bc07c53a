# The captured headers, point by point, as base64 of what gzip makes of a pcap file: two mebibytes in all, behind the end of what Run
# Command hands back. Whether a section is whole shows by the line that ends it.
pcap_most_bytes=2097152

pcap_sections() {
  case $rung in tcpdump | python) ;; *) return 0 ;; esac
  if [ "$points_many" -eq 0 ] || ! command -v gzip >/dev/null 2>&1 || ! command -v base64 >/dev/null 2>&1; then return 0; fi
  pcap_each=$((pcap_most_bytes / points_many))
  while read -r number _; do
    if [ -z "$number" ] || [ ! -s "$trace_folder/pcap.$number" ]; then continue; fi
    printf '=== medic/1 %s trace-pcap-%s - ok %s\n' "$MEDIC_NONCE" "$number" "$uptime"
    head -c "$pcap_each" "$trace_folder/pcap.$number" | gzip -1 2>/dev/null | base64 2>/dev/null
    printf '=== medic/1 %s trace-pcap-end - ok %s\n' "$MEDIC_NONCE" "$uptime"
  done <<END
$points
END
}
