# Counters of the physical interfaces: EC2 counts its own limits there. A name occurs once a queue in some drivers:
# those are added up, so that the number of queues does not matter. The limits and the receive rings are printed whole;
# of other drops, which no verdict rests on, the first eight. Before them stand the first status that is not ok, and when
# the last interface was read.
# shellcheck disable=SC2016 # The dollars are awk's.
pick_interface_counters='
function finish(   i, want, others, ended) {
  text = text header "\n"
  ended = code == 0 ? "ok" : code ~ /^(124|137|143)$/ ? "timeout" : code ~ /^12[67]$/ ? "missing" : "denied"
  if (code == "") ended = "truncated"
  if (worst == "") worst = ended == "ok" ? "" : ended
  if (ended == "ok") {
    for (want = 1; want <= 2; want++) for (i = 1; i <= known; i++) if (order[i] in rank && rank[order[i]] == want) text = text order[i] ": " sum[order[i]] "\n"
    for (i = 1; i <= known && others < 8; i++) if (!(order[i] in rank)) { text = text order[i] ": " sum[order[i]] "\n"; others++ }
  }
  split("", sum); split("", rank); split("", order)
  known = 0; header = code = ""
}
(size += length($0) + 1) > most { exit }
$1 == nonce && $2 == "==" { if (header != "") finish(); read_at = $3; header = $0; sub(/^[^=]*== [^ ]* /, "", header); next }
$1 == nonce { if (NF == 2) { code = $2; finish() } next }
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
  if (header != "") finish()
  print (worst == "" ? "ok" : worst) " " read_at
  printf "%s", text
}'

# Each interface with its driver, which is told even when the tool is not there: without an ENA driver its limits do not apply.
interface_headers() {
  ethtool_headers=''
  ethtool_names=''
  ethtool_status=ok
  ethtool_seen=0
  for ethtool_path in /sys/class/net/*/device; do
    [ -e "$ethtool_path" ] || continue
    ethtool_name=${ethtool_path%/device}
    ethtool_name=${ethtool_name##*/}
    case "$ethtool_seen $ethtool_name" in
      '16 '* | *' '*[!A-Za-z0-9._:@-]*)
        ethtool_status=truncated
        continue
        ;;
    esac
    ethtool_seen=$((ethtool_seen + 1))
    driver_of "$ethtool_name"
    ethtool_names="$ethtool_names $ethtool_name"
    ethtool_headers="$ethtool_headers${ethtool_headers:+$newline}== $ethtool_name driver=$driver"
  done
}

# What `ethtool -S` says of each, between lines with the nonce: before it the uptime and its header, after it the exit status.
interface_counters() {
  ethtool_left=$ethtool_headers$newline
  for ethtool_name in $ethtool_names; do
    seconds_left
    [ "$left" -le 2 ] || left=2
    printf '\n%s == %s %s\n' "$MEDIC_NONCE" "$uptime" "${ethtool_left%%"$newline"*}"
    ethtool_left=${ethtool_left#*"$newline"}
    if [ "$left" -lt 1 ]; then
      printf '\n%s 124\n' "$MEDIC_NONCE"
    else
      $within "$left" ethtool -S "$ethtool_name" 2>/dev/null
      printf '\n%s %s\n' "$MEDIC_NONCE" "$?"
    fi
  done
}

ethtool_section() {
  interface_headers
  status=$ethtool_status
  text=''
  if [ -n "$ethtool_names" ]; then
    text=$(interface_counters | awk -v nonce="$MEDIC_NONCE" -v most="$kernel_most_bytes" "$pick_interface_counters" 2>/dev/null)
    ethtool_read=${text%%"$newline"*}
    text=${text#*"$newline"}
    case $ethtool_read in
      '')
        text=$ethtool_headers
        status=missing
        ;;
      'ok '*) uptime=${ethtool_read#* } ;;
      *)
        status=${ethtool_read%% *}
        uptime=${ethtool_read#* }
        ;;
    esac
  fi
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
  read_plain /etc/cni/net.d/10-aws.conflist
  branch_mode=$(printf '%s\n' "$contents" | grep -o '"podSGEnforcingMode": *"[a-z]*"')
  branch_mode=${branch_mode%%"$newline"*}
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
