# Looks for some seconds at where new connections are lost on this node: headers of SYN, SYN-ACK and RST at no more than eight
# places, why the kernel freed packets, and the counters of the same time. It changes nothing: no module is loaded, no rule is
# added, and what it sets up is taken away at its end, by a child of its own when it is killed, or by the next trace.
#
# Within its share of the CPU, 3 % of one core, is what the shell and its tools need for so many packets a second at all points.
packets_a_second=1000

check_parameters
# No more than these at one point, however many come at once.
point_packets=$((packets_a_second * (seconds + 3)))
check_node
find_uplinks
begin_trace
find_points
points_in_one=$(printf '%s' "$points" | tr '\n' ';')
pods_in_one=$(printf '%s' "$pods_told" | tr '\n' ';')
thin=1
missed=0
rung=counters
if try_tcpdump; then
  rung=tcpdump
elif try_python; then
  rung=python
fi

start_drops
counters_before=$(take_counters)
waited=0
case $rung in
  tcpdump) start_tcpdump ;;
  python) start_python ;;
esac
case $rung in tcpdump | python)
  if ! await_captures; then
    # shellcheck disable=SC2086 # Numbers of processes.
    end_captures $capture_pids
    points_left_out="$points_left_out captures=not-begun"
    rung=counters
  fi
  ;;
esac
# What comes again of a SYN that was lost before the captures began would count as a new connection: more than a second passes first.
epoch_begins=$(($(date +%s) + 2))
epoch_ends=$((epoch_begins + seconds))
# Read last, for `date` may take long: what began at the end is sent again a second later, and its answer comes after that. Short
# sleeps: none of them outlives a trace that is killed by more than a moment.
read_uptime
window_began=$uptime
window_ends=$((${uptime%%.*} + seconds + 5))
while [ "${uptime%%.*}" -lt "$window_ends" ]; do
  sleep 1 9>&-
  read_uptime
done
read_uptime
window_ended=$uptime
case $rung in
  tcpdump) stop_tcpdump ;;
  python) stop_python || rung=counters ;;
esac
counters_after=$(take_counters)
read_drops
drops_text=$text
drops_status=$status
if [ "$rung" = counters ] && [ "$drops_status" = ok ]; then rung=kfree_skb; fi

flows_text=''
packets_text=''
packets_room=11000
case $rung in tcpdump | python) sum_packets ;; esac

status=ok
text=''
add "outcome=traced"
add "rung=$rung"
add "seconds=$seconds"
add "began=$window_began"
add "ended=$window_ended"
add "epoch=$epoch_begins"
add "judged=$((epoch_ends - epoch_begins))"
add "port=$port"
add "thin=$thin"
add "missed=$missed"
add "waited=$waited"
add "hung=${captures_hung:-0}"
add "left_out=${points_left_out# }"
while read -r number stage pod interface pid address; do
  [ -z "$number" ] || add "point.$number=$stage $pod $interface $address"
done <<END
$points
END
add "$(printf '%s\n' "$flows_text" | grep -E '^(point|total|own) ' | sed 's/ /=/')"
[ -z "$pods_told" ] || add "${pods_told%"$newline"}"
section trace - 3400
read_counters_text
section trace-counters - 3000
text=$drops_text
status=$drops_status
section trace-drops - 2500
status=missing
text=''
case $rung in tcpdump | python)
  status=ok
  # What had trouble comes first: where not all has room, nothing of that is left out before the rest.
  text=$(printf '%s\n' "$flows_text" | grep -E '^(trouble|flow) ' | sort -k 1,1r -k 2,2nr | sed 's/^[a-z]* //')
  ;;
esac
section trace-flows - 5000
text=$packets_text
# The end needs room as well.
section trace-packets - $((room > 11400 ? 11200 : room - 200))
text=''
status=ok
section end - 0
flush
# Behind what Run Command hands back: headers as they were captured, for those who keep the whole output.
pcap_sections
stop_trace
exit 0
