# Looks for some seconds at where new connections are lost on this node: headers of SYN, SYN-ACK and RST at eight places at most, why
# the kernel freed packets, and the counters of the same time. It changes nothing: it loads no module and adds no rule, and
# what it sets up is taken away at its end, by a child of its own when it is killed, or by the next trace.
#
# For so many packets a second at all points the shell and its tools do with their share of the CPU, 3 % of one core.
packets_a_second=1000

check_parameters
# At one point, however many come at once.
point_packets=$((packets_a_second * (seconds + 3)))
check_node
cpus_before=$(look_at_cpus)
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

keep_off_busy
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
# What comes again of a SYN that was lost before would count as a new connection: more than a second passes first.
epoch_begins=$(($(date +%s) + 2))
epoch_ends=$((epoch_begins + seconds))
# Read last, for `date` may take long: what began at the end is sent again a second later, and its answer comes after that.
read_uptime
window_began=$uptime
rest_until $((${uptime%%.*} + seconds + 5))
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
add "outcome=traced
rung=$rung
kernel=$(uname -r)
seconds=$seconds
began=$window_began
ended=$window_ended
epoch=$epoch_begins
judged=$((epoch_ends - epoch_begins))
port=$port
thin=$thin
missed=$missed
waited=$waited
hung=${captures_hung:-0}
left_out=${points_left_out# }"
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
  # What had trouble comes first, where not all has room.
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
pcap_sections
stop_trace
exit 0
