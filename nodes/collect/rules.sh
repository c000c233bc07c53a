# The rules are read once, where a verdict needs them, and only from what is in the kernel already: the legacy tables that
# are registered, and nf_tables where it is loaded. What nft prints holds the rules that iptables put there, too: that tool
# is asked for them only where nft is not there or does not know what they do.

# Of a large ruleset most lines say nothing of translation: what may is handed on, no more of it than is read of anything,
# and the exit status tells whether one of the two tools leaves the table of iptables to the other.
# shellcheck disable=SC2016 # The dollars are awk's.
pick_rules='
(size += length($0) + 1) > most { exit }
/^table / { in_nat = $2 == "ip" && $3 == "nat" }
/[DS]NAT|REDIRECT|NETMAP|TPROXY|MASQUERADE|--to-destination|![ \t]+(-p|--dport)|[ds]nat|redirect|tproxy|masquerade|xt[ \t]+target|^# Table/ {
  if (/^# Table .nat. is incompatible/ || in_nat && /(^|[ \t])xt[ \t]+target/) foreign = 1
  print
  next
}
$1 == nonce
END { exit foreign }'

# How the rules that nft knows are read best: `none` of them where there is no chain, `together` with one command, or
# `apart` where the table of iptables has so many chains that its own tool, which prints them in half of the time, is worth
# more commands. Then the other tables follow of which rules could translate: the kernel takes such rules only in a chain
# of type nat and what it jumps to, and tproxy before routing.
# shellcheck disable=SC2016 # The dollars are awk's.
pick_tables='
$1 == nonce { is_whole = $2 == 0 }
/^table / {
  name = $2 " " $3
  if (NF != 4 || $2 !~ /^(ip|ip6|inet|arp|bridge|netdev)$/ || $3 !~ /^[A-Za-z_][A-Za-z0-9_.-]*$/) odd = 1
}
/^[ \t]+chain / { chains++; if (name == "ip nat") many++ }
/^[ \t]+type (nat |.* hook prerouting )/ && name != "ip nat" && !(name in named) { named[name] = 1; others = others " " name; more++ }
END {
  if (is_whole && !chains) print "none"
  else if (is_whole && !odd && many >= 1000 && more <= 6) print "apart" others
  else print "together"
}'

# What each reader of rules begins with: texts in quotes say nothing, and what a tool could not print is not read.
# shellcheck disable=SC2016 # The dollars are awk's.
read_rules='
BEGIN { complete = "yes" }
$1 == nonce && $2 == "asked" { asked = $3; next }
$1 == nonce && $2 == "unclear" { unread++; sources_unread++; next }
$1 == nonce { closed++; if ($2 != 0) complete = "no"; next }
{ gsub(/"([^"\\]|\\.)*"/, "\"\""); gsub(/[ \t]+/, " ") }
/^# Table .* is incompatible/ { if (!native) { unread++; sources_unread++ } next }
END { if (asked == 0 || closed < asked) complete = "no" }'

# Where a source is translated, the ports that it may get: a rule may narrow them, and then few connections use them up.
# shellcheck disable=SC2016 # The dollars are awk's.
pick_source_ranges='
function narrowed(protocol, ports,   part, line) {
  if (split(ports, part, "-") < 2) part[2] = part[1]
  if (part[1] !~ /^[0-9]+$/ || part[2] !~ /^[0-9]+$/) { sources_unread++; return }
  narrow++
  gsub(/[^ -~]/, "?", protocol)
  line = "range " protocol " " part[1] " " part[2]
  if (line in ranges) return
  ranges[line] = 1
  if (++ranges_known <= 30) range_lines = range_lines line "\n"
  else sources_unread++
}
$1 == "-A" && / -[jg] (MASQUERADE|SNAT)( |$)/ {
  source_rules++; protocol = "-"
  if (match($0, / -p [^ ]+/)) protocol = substr($0, RSTART + 4, RLENGTH - 4)
  if (match($0, / --to-ports [^ ]+/)) narrowed(protocol, substr($0, RSTART + 12, RLENGTH - 12))
  else if (match($0, / --to-source [^ ]+/)) {
    where = substr($0, RSTART + 13, RLENGTH - 13)
    if (sub(/^([0-9.]+(-[0-9.]+)?|\[[0-9a-fA-F:]+\](-\[[0-9a-fA-F:]+\])?):/, "", where)) narrowed(protocol, where)
  }
}
$1 != "-A" && (/(^| )(masquerade|snat)( |$)/ || / xt target ""/) {
  if (/ xt target ""/) { if (!compat) sources_unread++ }
  else {
    source_rules++; protocol = "-"
    if (/(^| )(tcp (dport|sport|flags)|(l4proto|protocol) (tcp|6)) /) protocol = "tcp"
    else if (/(^| )(udp (dport|sport)|(l4proto|protocol) (udp|17)) /) protocol = "udp"
    where = $0; sub(/^.*(^| )(masquerade|snat)( |$)/, "", where)
    if (where ~ /(^| )to (@|\$|map|numgen|jhash|symhash|ip )/ || where ~ / map /) sources_unread++
    else if (match(where, /(^| )to [^ ]*:[0-9]+(-[0-9]+)?( |$)/)) {
      where = substr(where, RSTART, RLENGTH); sub(/ $/, "", where); sub(/^.*:/, "", where)
      narrowed(protocol, where)
    }
  }
}
function print_ranges() {
  print "source_rules=" (source_rules + 0) " narrowed=" (narrow + 0) " unread=" (sources_unread + 0) " complete=" complete
  printf "%s", range_lines
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
  [ -z "$legacy_save" ] || [ -z "$nft_save" ] || return 0
  save_path=$(command -v iptables-save) || return 0
  case $(readlink -f "$save_path" 2>/dev/null) in
    *nft*) nft_save=${nft_save:-$save_path} ;;
    ?*) legacy_save=${legacy_save:-$save_path} ;;
  esac
}

# picked_of <awk program> <command...>: what that picks of the command's output, which is closed by the nonce and its exit
# status. One tool for all rules has the time of two, and leaves some to the kernel log.
picked_of() {
  picked=$1
  shift
  seconds_left
  left=$((left - 3))
  [ "$left" -le 6 ] || left=6
  [ "$left" -ge 1 ] || return 0
  {
    $within "$left" "$@" 2>/dev/null
    printf '\n%s %s\n' "$MEDIC_NONCE" "$?"
  } | awk -v nonce="$MEDIC_NONCE" -v most="$list_most_bytes" "$picked" 2>/dev/null
}

# rules_of <command...>: what may matter of its rules. Fails where the tool leaves the table of iptables to the other one.
rules_of() {
  asked=$((asked + 1))
  picked_of "$pick_rules" "$@"
}

# What nft knows where the tool of iptables is there, too: each is asked for what it prints better. What neither can print
# is not read.
native_and_iptables_rules() {
  # shellcheck disable=SC2046 # The words are to be split.
  set -- $(picked_of "$pick_tables" nft list chains)
  case ${1-} in
    none)
      asked=$((asked + 1))
      printf '%s 0\n' "$MEDIC_NONCE"
      ;;
    apart)
      shift
      rules_of "$nft_save" -t nat || rules_of nft list table ip nat || printf '%s unclear\n' "$MEDIC_NONCE"
      while [ "$#" -ge 2 ]; do
        rules_of nft list table "$1" "$2" || :
        shift 2
      done
      ;;
    *)
      rules_of nft list ruleset || rules_of "$nft_save" -t nat || printf '%s unclear\n' "$MEDIC_NONCE"
      ;;
  esac
}

# Rules that are there and that no tool can print are as good as failed: 127 is what a shell says of a missing tool.
all_rules() {
  asked=0
  case $ask_legacy in
    yes) rules_of "$legacy_save" -t nat ;;
    unreadable)
      asked=1
      printf '%s 127\n' "$MEDIC_NONCE"
      ;;
  esac
  case $ask_native,$ask_nft in
    yes,yes) native_and_iptables_rules ;;
    yes,) rules_of nft list ruleset ;;
    ,yes) rules_of "$nft_save" -t nat ;;
  esac
  printf '%s asked %s\n' "$MEDIC_NONCE" "$asked"
}

# clashes_rose: whether packets died when their entry was confirmed, between the samples.
clashes_rose() {
  printf '%s\n%s\n%s\n' "$stat_first" "$MEDIC_NONCE" "$stat_second" | awk -v nonce="$MEDIC_NONCE" '
    $1 == nonce { half = 1; next }
    $1 == "entries" { for (i = 1; i <= NF; i++) if ($i == "insert_failed") column = i; next }
    column { seen[half + 0] = seen[half + 0] " " $(column + ($1 == "sum" ? 2 : 0)); next }
    { for (i = 1; i <= NF; i++) if ($i ~ /^insert_failed=/) seen[half + 0] = seen[half + 0] " " $i }
    END { exit seen[0] == seen[1] }'
}

rules_sections() {
  # Addresses of IPv6 are spelt in more than one way, so those flows are not held against rules.
  backends=''
  case $newline$entries_seen in
    *"$newline"'backend '*)
      set -f
      IFS=$newline
      for rules_line in $entries_seen; do
        case $rules_line in 'backend '*) ;; *) continue ;; esac
        rules_line=${rules_line#backend * * }
        rules_line=${rules_line%% *}
        case $rules_line in *[!0-9.]*) ;; *) backends="$backends$rules_line " ;; esac
      done
      unset IFS
      set +f
      ;;
  esac
  rules_for_sources=''
  case $newline$entries_seen in
    *"$newline"'translated '*) if clashes_rose; then rules_for_sources=yes; fi ;;
  esac
  [ -n "$backends$rules_for_sources" ] || return 0
  text=''
  status=missing
  read_uptime
  seconds_left
  find_iptables_save
  ask_legacy='' ask_nft='' ask_native=''
  case $newline$table_iptables$newline in
    *"${newline}nat$newline"*)
      ask_legacy=unreadable
      [ -z "$legacy_save" ] || ask_legacy=yes
      ;;
  esac
  if in_kernel nf_tables; then
    [ -z "$nft_save" ] || ask_nft=yes
    if command -v nft >/dev/null; then ask_native=yes; fi
  fi
  if [ -z "$ask_legacy$ask_nft$ask_native" ]; then
    :
  elif [ "$left" -lt 4 ]; then
    status=timeout
  else
    text=$(all_rules | awk -v nonce="$MEDIC_NONCE" -v seen="$backends" -v compat="$ask_nft" -v native="$ask_native" \
      "$read_rules$newline$pick_source_ranges$newline$pick_udp_targets" 2>/dev/null)
    status_of "$?"
    [ "$status" = ok ] || text=''
  fi
  ranges_text=''
  [ "$status" != ok ] || ranges_text=${text#*"$newline--$newline"}
  text=${text%%"$newline--$newline"*}
  if [ -n "$backends" ]; then
    section udp-rules - 2200
  fi
  text=$ranges_text
  if [ -n "$rules_for_sources" ]; then
    section snat-ranges - 700
  fi
}
