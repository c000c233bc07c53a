# A translated UDP flow keeps its backend for as long as packets refresh its entry, whatever the rules say by then. So the
# rules are read, once, where the sample of the table holds such flows, and only from what is in the kernel already:
# the legacy tables that are registered, and nf_tables where it is loaded.

# shellcheck disable=SC2016 # The dollars are awk's.
pick_udp_targets='
BEGIN { many = split(seen, address, " "); for (i = 1; i <= many; i++) wanted[address[i]] = 1; complete = "yes" }
function target(port, to, to_port,   line) {
  line = "udp " port " " to " " to_port
  if (line in known) return
  known[line] = 1; targets++
  if (to in wanted) first = first line "\n"
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
$1 == nonce { closed++; if ($2 != 0) complete = "no"; next }
{ gsub(/"([^"\\]|\\.)*"/, "\"\""); gsub(/[ \t]+/, " ") }
/^# Table .* is incompatible/ { if (!native) unread++; next }
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
  if (closed < split(asked, one, " ")) complete = "no"
  print "udp_targets=" (targets + 0) " unread=" (unread + 0) " complete=" complete
  printf "%s%s", first, rest
}'

# in_kernel <module>: it is loaded or built in, or no module can be loaded at all.
in_kernel() {
  [ -d "/sys/module/$1" ] || [ ! -e /proc/modules ] || built_in "$1"
}

# Sets `legacy_save` and `nft_save` to the commands that print iptables rules of that kind, or to nothing. Which kind
# plain iptables-save is stands in the name of the file behind it.
find_iptables_save() {
  legacy_save=$(command -v iptables-legacy-save)
  nft_save=$(command -v iptables-nft-save)
  save_path=$(command -v iptables-save) || return 0
  case $(readlink -f "$save_path" 2>/dev/null) in
    *nft*) nft_save=${nft_save:-$save_path} ;;
    ?*) legacy_save=${legacy_save:-$save_path} ;;
  esac
}

# rules_of <command...>: its rules, closed by the nonce and its exit status.
rules_of() {
  bounded 3 "$@" 2>/dev/null
  printf '\n%s %s\n' "$MEDIC_NONCE" "$?"
}

# Rules that are there and that no tool can print are as good as failed: 127 is what a shell says of a missing tool.
udp_rules() {
  case $ask_legacy in
    yes) rules_of "$legacy_save" -t nat ;;
    unreadable) printf '%s 127\n' "$MEDIC_NONCE" ;;
  esac
  if [ -n "$ask_nft" ]; then rules_of "$nft_save" -t nat; fi
  if [ -n "$ask_native" ]; then rules_of nft list ruleset; fi
}

udp_rules_section() {
  # Addresses of IPv6 are spelt in more than one way, so those flows are not held against rules.
  backends=$(printf '%s\n' "$entries_seen" | sed -n 's/^backend [0-9]* [0-9]* \([0-9.]*\) .*/\1/p' | tr '\n' ' ')
  [ -n "$backends" ] || return 0
  text=''
  status=missing
  read_uptime
  seconds_left
  find_iptables_save
  ask_legacy='' ask_nft='' ask_native=''
  if plain /proc/net/ip_tables_names | grep -qx nat; then
    ask_legacy=unreadable
    [ -z "$legacy_save" ] || ask_legacy=yes
  fi
  if in_kernel nf_tables; then
    [ -z "$nft_save" ] || ask_nft=yes
    if command -v nft >/dev/null; then ask_native=yes; fi
  fi
  if [ -z "$ask_legacy$ask_nft$ask_native" ]; then
    :
  elif [ "$left" -lt 4 ]; then
    status=timeout
  else
    # Each nft tool leaves to the other what that one prints better.
    text=$({
      udp_rules | head -c "$list_most_bytes" | awk -v nonce="$MEDIC_NONCE" -v asked="$ask_legacy $ask_nft $ask_native" -v seen="$backends" -v compat="$ask_nft" -v native="$ask_native" "$pick_udp_targets" 2>/dev/null
      printf '\n%s %s\n' "$MEDIC_NONCE" "$?"
    } | printable)
    split_exit_code
  fi
  section udp-rules - 2200
}
