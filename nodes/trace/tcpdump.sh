# The first rung: tcpdump, one process a point. It writes to standard output, which the shell has opened: so it needs no right to.

# Only packets without payload, so that none can leave the node. NAT keeps the number that a connection begins with: of it hangs which
# are looked at, one in `thin`, the same ones at every point.
# trace_filter <port or any> <thin>: sets `filter`.
trace_filter() {
  filter_mask=$(($2 - 1))
  filter='((tcp[13] & 6 != 0) and (ip[2:2] - ((ip[0] & 15) << 2) - ((tcp[12] & 240) >> 2) = 0)'
  filter6='(ip6 and ip6[6] = 6 and (ip6[53] & 6 != 0) and (ip6[4:2] - ((ip6[52] & 240) >> 2) = 0)'
  if [ "$filter_mask" -gt 0 ]; then
    filter="$filter and (((tcp[13] & 16 = 0) and (tcp[4:4] & $filter_mask = 0)) or ((tcp[13] & 16 != 0) and ((tcp[8:4] - 1) & $filter_mask = 0)))"
    filter6="$filter6 and (((ip6[53] & 16 = 0) and (ip6[44:4] & $filter_mask = 0)) or ((ip6[53] & 16 != 0) and ((ip6[48:4] - 1) & $filter_mask = 0)))"
  fi
  filter="($filter) or $filter6))"
  [ "$1" = any ] || filter="port $1 and ($filter)"
}

# tcpdump_at <interface> <pid or 0> <most packets> <bytes of each> <file> <port or any> <thin>
tcpdump_at() {
  trace_filter "$6" "$7"
  tcpdump_in="nsenter --net=/proc/$2/ns/net"
  [ "$2" != 0 ] || tcpdump_in=''
  # shellcheck disable=SC2086 # Words.
  launch $((1 + seconds / 10)) $tcpdump_in tcpdump -i "$1" -p -n -s "$4" -B 2048 -c "$3" -w - "$filter" >"$5" 2>"$5.said"
}

# end_captures <pid...>: asks each to end, and ends what hangs.
end_captures() {
  for capture_pid; do kill -TERM "$capture_pid" 2>/dev/null; done
  capture_tries=0
  for capture_pid; do
    while kill -0 "$capture_pid" 2>/dev/null && [ "$capture_tries" -lt 20 ]; do
      pause
      capture_tries=$((capture_tries + 1))
    done
    if kill -9 "$capture_pid" 2>/dev/null; then captures_hung=$((captures_hung + 1)); fi
  done
}

# find_said <file> <words>: sets `said` to what a line with these words begins with.
find_said() {
  said=''
  {
    while read -r said_first said_rest; do
      case $said_rest in *"$2"*) said=$said_first ;; esac
    done <"$1.said"
  } 2>/dev/null
}

# are_ready: whether each capture that has not ended looks at packets.
are_ready() {
  if [ "$rung" = python ]; then
    [ -f "$trace_folder/ready" ] || ! kill -0 "$capture_pids" 2>/dev/null
    return
  fi
  ready_number=0
  for capture_pid in $capture_pids; do
    find_said "$trace_folder/pcap.$ready_number" 'listening on'
    [ -n "$said" ] || ! kill -0 "$capture_pid" 2>/dev/null || return 1
    ready_number=$((ready_number + 1))
  done
}

# await_captures: a SYN that passes before a capture looks would count as missing there. Sets `waited` to whole seconds, and fails
# where too many pass.
await_captures() {
  read_uptime
  captures_launched=${uptime%%.*}
  while :; do
    read_uptime
    waited=$((${uptime%%.*} - captures_launched))
    if are_ready; then return 0; fi
    [ "$waited" -lt 15 ] || return 1
    pause
  done
}

# try_tcpdump: looks for a second whether it captures at the uplinks, and how many packets there are; sets `thin`.
try_tcpdump() {
  command -v tcpdump >/dev/null 2>&1 || return 1
  captures_hung=0
  probe_pids=''
  for uplink in $uplinks; do
    tcpdump_at "$uplink" 0 1000000 20 "$trace_folder/probe-$uplink" "$port" 1
    probe_pids="$probe_pids $launched"
  done
  sleep 1 9>&-
  # shellcheck disable=SC2086 # Numbers of processes.
  end_captures $probe_pids
  [ "$captures_hung" -eq 0 ] || return 1
  probe_packets=0
  for uplink in $uplinks; do
    find_said "$trace_folder/probe-$uplink" 'received by filter'
    sound_count "$said" || return 1
    probe_packets=$((probe_packets + said))
    rm -f "$trace_folder/probe-$uplink"
  done
  # What comes in is seen twice more, at a pod and before it; what does not come through the uplinks is seen there only.
  probe_more=$((probe_packets * 2))
  [ "$probe_more" -ge $((accepted_a_second * 4)) ] || probe_more=$((accepted_a_second * 4))
  thin=1
  while [ $(((probe_packets + probe_more) / thin)) -gt "$packets_a_second" ] && [ "$thin" -lt 1024 ]; do thin=$((thin * 2)); done
}

start_tcpdump() {
  capture_pids=''
  captures_hung=0
  while read -r number stage _ interface pid _; do
    [ -n "$number" ] || continue
    point_port=any
    [ "$stage" != uplink ] || point_port=$port
    tcpdump_at "$interface" "$pid" "$point_packets" 96 "$trace_folder/pcap.$number" "$point_port" "$thin"
    capture_pids="$capture_pids $launched"
  done <<END
$points
END
}

# What tcpdump prints, as lines of point, time, kind, addresses and ports, number, and time stamp.
# shellcheck disable=SC2016 # Awk's.
read_tcpdump='
function split_end(text) {
  if (match(text, /\.[^.]*$/)) { address = substr(text, 1, RSTART - 1); ending = substr(text, RSTART + 1) }
}
/^[0-7]$/ { number = $1 }
$2 == "IP" || $2 == "IP6" {
  split_end($3); from = address; sport = ending
  to = $5; sub(/:$/, "", to); split_end(to); to = address; dport = ending
  flags = seq = ack = stamp = ""
  for (i = 6; i < 12; i += 2) {
    if ($i == "Flags") flags = $(i + 1)
    else if ($i == "seq") seq = $(i + 1)
    else if ($i == "ack") ack = $(i + 1)
  }
  if (i = index($0, "TS val ")) stamp = substr($0, i + 7, 10)
  sub(/[,:].*/, "", seq); sub(/,.*/, "", ack); sub(/ .*/, "", stamp)
  kind = flags ~ /R/ ? "R" : flags ~ /S/ ? (flags ~ /\./ ? "A" : "S") : ""
  if (kind == "" || from !~ /^[0-9a-f.:]+$/ || to !~ /^[0-9a-f.:]+$/) next
  print number, $1, kind, from, sport + 0, to, dport + 0, (seq == "" ? 0 : seq), (ack == "" ? 0 : ack), (stamp == "" ? "-" : stamp)
}'

# stop_tcpdump: sets `missed` to what the kernel did not hand over, and leaves the lines.
stop_tcpdump() {
  # shellcheck disable=SC2086 # Numbers of processes.
  end_captures $capture_pids
  missed=0
  printf '%s' "$points" | while read -r number _; do
    echo "$number"
    # A reset without ACK names no SYN.
    bounded 10 tcpdump -n -S -tt -r - 'not tcp[13] & 22 = 4' <"$trace_folder/pcap.$number" 2>/dev/null
  done | awk "$read_tcpdump" >"$trace_folder/lines" 2>/dev/null
  while read -r number _; do
    [ -n "$number" ] || continue
    find_said "$trace_folder/pcap.$number" 'dropped by kernel'
    if sound_count "$said"; then missed=$((missed + said)); else points_left_out="$points_left_out point$number=not-captured"; fi
    # A point that was full saw nothing more: the time that counts ends there for all.
    find_said "$trace_folder/pcap.$number" 'packets captured'
    if [ "$said" = "$point_packets" ]; then
      point_ended=$(sed -n "s/^$number \([0-9]*\)\..*/\1/p" "$trace_folder/lines" | tail -n 1)
      if sound_count "$point_ended" && [ "$point_ended" -lt "$epoch_ends" ]; then epoch_ends=$point_ended; fi
    fi
  done <<END
$points
END
}
