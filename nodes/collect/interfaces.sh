# Counters of the physical interfaces: EC2 counts its own limits there. A name occurs once a queue in some drivers:
# those are added up, so that the number of queues does not matter. The limits and the receive rings are printed whole;
# of other drops, which no verdict rests on, the first eight.
# shellcheck disable=SC2016 # The dollars are awk's.
pick_interface_counters='
$1 == nonce { if (NF == 2) ended = $2; next }
/allowance|drop|overrun|miss|rx_no_|rx_fifo|rx_out_of_buffer|_no_desc/ {
  gsub(/[^ -~]/, "?"); name = substr($0, 1, 512); sub(/^ +/, "", name); value = name
  if (sub(/: *[0-9]+ *$/, "", name) == 0) next
  sub(/^.*: */, "", value)
  if (name ~ /queue|\[|^[rt]x[0-9]/) gsub(/[0-9]+/, "N", name)
  if (name in sum) { sum[name] = sprintf("%.0f", sum[name] + value); next }
  sum[name] = value; order[++known] = name
  if (name ~ /allowance/) rank[name] = 1
  else if (name ~ /^rx_(overruns?|missed_errors|no_buffer_count|fifo_errors|no_dma_resources|out_of_buffer)$|^rx_queue_.*_(overruns|no_desc)$/) rank[name] = 2
}
END {
  for (want = 1; want <= 2; want++) for (i = 1; i <= known; i++) if (order[i] in rank && rank[order[i]] == want) print order[i] ": " sum[order[i]]
  for (i = 1; i <= known && others < 8; i++) if (!(order[i] in rank)) { print order[i] ": " sum[order[i]]; others++ }
  print "\n" nonce " " ended
}'

# interface_counters <interface>: as `capture`, what is picked of `ethtool -S`.
interface_counters() {
  text=''
  status=timeout
  seconds_left
  [ "$left" -le 2 ] || left=2
  [ "$left" -ge 1 ] || return 0
  text=$({
    bounded "$left" ethtool -S "$1" 2>/dev/null
    printf '\n%s %s\n' "$MEDIC_NONCE" "$?"
  } | head -c "$kernel_most_bytes" | awk -v nonce="$MEDIC_NONCE" "$pick_interface_counters" 2>/dev/null)
  split_exit_code
}

# The drivers are listed even when the tool is not there: without an ENA driver its limits do not apply.
ethtool_section() {
  ethtool_text=''
  ethtool_status=ok
  ethtool_uptime=$uptime
  ethtool_seen=0
  for ethtool_path in /sys/class/net/*/device; do
    [ -e "$ethtool_path" ] || continue
    ethtool_name=${ethtool_path%/device}
    ethtool_name=${ethtool_name##*/}
    case "$ethtool_seen $ethtool_name" in
      '16 '* | *' '*[!A-Za-z0-9._:@-]*)
        [ "$ethtool_status" != ok ] || ethtool_status=truncated
        continue
        ;;
    esac
    ethtool_seen=$((ethtool_seen + 1))
    ethtool_driver=$(readlink "$ethtool_path/driver" 2>/dev/null)
    case $ethtool_driver in *[!\ -~]*) ethtool_driver='?' ;; esac
    interface_counters "$ethtool_name"
    if [ "$status" != ok ] && { [ "$ethtool_status" = ok ] || [ "$ethtool_status" = truncated ]; }; then ethtool_status=$status; fi
    ethtool_text="$ethtool_text${ethtool_text:+$newline}== $ethtool_name driver=${ethtool_driver##*/}${text:+$newline$text}"
    ethtool_uptime=$uptime
  done
  text=$ethtool_text
  status=$ethtool_status
  uptime=$ethtool_uptime
  section ethtool "$1" 1900
}

# add_branch_interfaces: the pods with security groups of their own, each with a branch interface in a VLAN, and how strictly
# the VPC CNI plugin enforces them, as its configuration on the node has it.
add_branch_interfaces() {
  branch_interfaces=0
  for branch_path in /sys/class/net/vlan.eth.*; do
    if [ -e "$branch_path" ]; then branch_interfaces=$((branch_interfaces + 1)); fi
  done
  add "branch_interfaces=$branch_interfaces"
  [ "$branch_interfaces" -gt 0 ] || return 0
  branch_mode=$(plain /etc/cni/net.d/10-aws.conflist | grep -o '"podSGEnforcingMode": *"[a-z]*"' | head -n 1)
  branch_mode=${branch_mode%'"'}
  add "branch_mode=${branch_mode##*'"'}"
}

# Families of interfaces that tell who owns the node's network.
interface_hints() {
  hints=''
  for hint_family in cilium cali eni nodelocaldns flannel weave kube-ipvs0; do
    for hint_path in /sys/class/net/"$hint_family"*; do
      [ -e "$hint_path" ] || continue
      hints=$hints${hints:+,}$hint_family
      break
    done
  done
}
