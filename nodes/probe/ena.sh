# The allowance of connections that EC2 itself counts, as the ENA driver tells it. Where no interface has that driver there is none.

# ena_interfaces: sets `ena_names`; `ena_status` is `?timeout` where there are more than a probe has time for.
ena_interfaces() {
  ena_names=''
  ena_seen=0
  ena_status='?missing'
  [ -d /sys/bus/pci/drivers/ena ] || return 0
  for ena_path in /sys/class/net/*/device/driver; do
    # shellcheck disable=SC3013 # dash, busybox and bash all have -ef.
    [ "$ena_path" -ef /sys/bus/pci/drivers/ena ] || continue
    ena_name=${ena_path%/device/driver}
    ena_name=${ena_name##*/}
    case $ena_name in -* | *[!A-Za-z0-9._:@-]*) ena_seen=99 ;; esac
    ena_seen=$((ena_seen + 1))
    [ "$ena_seen" -le 16 ] || break
    ena_names="$ena_names $ena_name"
  done
  if [ "$ena_seen" -gt 16 ]; then
    ena_names=''
    ena_status='?timeout'
  fi
}

# What each says, and the exit status after it.
ena_counters() {
  read_uptime
  ena_deadline=$((${uptime%%.*} + 4))
  for ena_name in $ena_names; do
    read_uptime
    ena_code=124
    if [ "${uptime%%.*}" -lt "$ena_deadline" ]; then
      $within 2 ethtool -S "$ena_name" 2>/dev/null
      ena_code=$?
    fi
    printf '\n%s %s\n' "$MEDIC_NONCE" "$ena_code"
  done
}

# Exceeded is added up over the interfaces; of what is available the least counts. One that was not read leaves neither known.
# shellcheck disable=SC2016 # The dollars are awk's.
ena_sums='
(size += length($0) + 1) > 2097152 { failed = "?timeout"; exit }
$1 == nonce && NF == 2 {
  if ($2 != 0) failed = ($2 ~ /^(124|137|143)$/) ? "?timeout" : ($2 ~ /^12[67]$/) ? "?missing" : "?denied"
  next
}
$1 == "conntrack_allowance_exceeded:" && $2 ~ /^[0-9]+$/ && length($2) <= 16 { exceeded += $2; told++ }
$1 == "conntrack_allowance_available:" && $2 ~ /^[0-9]+$/ && length($2) <= 16 { if (available == "" || $2 + 0 < available + 0) available = $2 }
END {
  print "ena_exceeded=" (failed != "" ? failed : told > 0 ? sprintf("%.0f", exceeded) : "?missing")
  print "ena_available=" (failed != "" ? failed : available == "" ? "?missing" : available)
}'

print_ena() {
  ena_interfaces
  if [ -z "$ena_names" ] || ! command -v ethtool >/dev/null; then
    printf 'ena_exceeded=%s\nena_available=%s\n' "$ena_status" "$ena_status"
    return 0
  fi
  ena_counters | awk -v nonce="$MEDIC_NONCE" "$ena_sums" 2>/dev/null
}
