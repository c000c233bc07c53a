# Where the rules of now send UDP, which the backends of translated flows are held against. Asked only where such flows
# were seen, and only of tables that are there already: listing one that is not would load its module.

# shellcheck disable=SC2016 # The dollars are awk's.
shorten_rules='
/^#failed/ { failed = 1; next }
/^-A / && / -j (DNAT|REDIRECT|NETMAP)( |$)/ && !/ -p tcp( |$)/ {
  port = ""; to = ""; jump = ""
  for (i = 1; i < NF; i++) {
    if ($i == "--dport") port = " --dport " $(i + 1)
    else if ($i == "--to-destination") to = " --to-destination " $(i + 1)
    else if ($i == "-j") jump = " -j " $(i + 1)
  }
  chain = ($2 ~ /^KUBE-SEP-/) ? "KUBE-SEP-" : "OTHER"
  rule = "-A " chain " -p udp" port jump to
  if (!(rule in seen)) { seen[rule] = 1; print rule }
}
END { print "complete=" (failed ? "no" : "yes") }'

nf_tables_is_there() {
  [ -d /sys/module/nf_tables ] && return 0
  [ -e /proc/modules ] || return 0
  built_in nf_tables
}

# saved_by <tool>: the nat table as it prints it, or a mark that it could not.
saved_by() {
  bounded 3 "$1" -t nat 2>/dev/null || printf '#failed\n'
}

# saved_rules: sets nothing, prints the nat tables of both kinds, as far as they are there and can be listed safely. The
# tool without a kind in its name stands for the kind that it says it is.
saved_rules() {
  saved_tool=$(iptables-save -V 2>/dev/null || iptables -V 2>/dev/null)
  case $saved_tool in *nf_tables*) saved_kind=nft ;; *) saved_kind=legacy ;; esac
  for kind in legacy nft; do
    if [ "$kind" = legacy ]; then
      grep -qx nat /proc/net/ip_tables_names 2>/dev/null || continue
    else
      nf_tables_is_there || continue
    fi
    if command -v "iptables-$kind-save" >/dev/null 2>&1; then
      saved_by "iptables-$kind-save"
    elif [ "$kind" = "$saved_kind" ] && command -v iptables-save >/dev/null 2>&1; then
      saved_by iptables-save
    else
      printf '#failed\n'
    fi
  done
}

# kube-proxy in its nftables mode decides in a table of its own, which these tools do not list.
nft_decides() {
  command -v nft >/dev/null 2>&1 && nf_tables_is_there &&
    bounded 2 nft list tables 2>/dev/null | grep -q 'kube-proxy'
}

udp_rules_section() {
  case $entries_seen in *"$newline"'backend '*) ;; *) return 0 ;; esac
  text=''
  status=missing
  read_uptime
  seconds_left
  if [ "$left" -lt 4 ]; then
    status=timeout
  elif nft_decides; then
    text='complete=no'
    status=ok
  elif command -v iptables-save >/dev/null 2>&1; then
    text=$({
      saved_rules | awk "$shorten_rules" 2>/dev/null
      printf '\n%s %s\n' "$MEDIC_NONCE" "$?"
    } | printable)
    settle
  fi
  section udp-rules - 2500
}
