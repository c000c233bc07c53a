# A translated UDP flow keeps its backend for as long as packets refresh its entry, whatever the rules say by then. So where
# the sample of the table holds such flows, the rules are read for where they send UDP.

# shellcheck disable=SC2016 # The dollars are awk's.
pick_udp_targets='
BEGIN { many = split(seen, address, " "); for (i = 1; i <= many; i++) wanted[address[i]] = 1 }
function target(port, to, to_port,   line) {
  line = "udp " port " " to " " to_port
  if (line in known) return
  known[line] = 1; targets++
  if (to in wanted) { if (length(first) < 8192) first = first line "\n" }
  else if (others++ < 50) rest = rest line "\n"
}
# Sets to and to_port; a range, a map or a name is none.
function one_address(text,   part) {
  to_port = "-"
  if (split(text, part, ":") > 2) return 0
  to = part[1]
  if (part[2] != "") to_port = part[2]
  return to ~ /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/ && to_port ~ /^([0-9]+|-)$/
}
$1 == "-A" && / -p (tcp|6) / && !/ ! / { next }
$1 == "-A" {
  protocol = port = jump = where = "-"
  for (i = 3; i < NF; i++) {
    if ($i == "!" && $(i + 1) ~ /^(-p|--dport)/) jump = "unclear"
    if ($i == "-p") protocol = $(i + 1)
    else if ($i ~ /^--(dport|dports|destination-ports?)$/) port = $(i + 1)
    else if (($i == "-j" || $i == "-g") && jump != "unclear") jump = $(i + 1)
    else if ($i == "--to-destination") where = where == "-" ? $(i + 1) : "several"
  }
  if (protocol !~ /^(-|udp|17|all)$/) next
  if (jump == "DNAT" && port ~ /^([0-9]+|-)$/ && one_address(where)) target(port, to, to_port)
  else if (jump ~ /^(DNAT|REDIRECT|NETMAP|TPROXY|unclear)$/ || where != "-") unread++
  next
}
/(^| )(dnat|redirect|tproxy)( |$)/ || / xt target ""/ {
  if (/(^| )(tcp (dport|sport|flags)|(l4proto|protocol) (tcp|6)) / && !/udp/) next
  if (/ xt target ""/) { if (!compat) unread++; next }
  port = "-"
  if (match($0, /dport [^ ]+/)) port = substr($0, RSTART + 6, RLENGTH - 6)
  if (/!=/ || port !~ /^([0-9]+|-)$/ || !match($0, /(^| )dnat (ip )?to [^ ]+( |$)/)) { unread++; next }
  where = substr($0, RSTART, RLENGTH); sub(/^ ?dnat (ip )?to /, "", where); sub(/ $/, "", where)
  if (one_address(where)) target(port, to, to_port)
  else unread++
}
END {
  print "udp_targets=" (targets + 0) " unread=" (unread + 0) " complete=" complete
  printf "%s%s", first, rest
  print "--"
  print_ranges()
}'
