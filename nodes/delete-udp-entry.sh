# Deletes the entries of one UDP service that still lead to an endpoint that is gone, so that the next packet finds a living
# one. Nothing lasts and nothing has to be taken back: a flow that lives makes its entry anew.
most_entries=1000

# check_address <name> <address>: sets `family`.
check_address() {
  address_length=${#2}
  case $2 in
    *[!0-9a-f:.]* | '') address_length=99 ;;
    *:*.* | *.*:*) address_length=99 ;;
    *:*:*) family=ipv6 ;;
    *[!0-9.]* | *.*.*.*.* | .* | *. | *..*) address_length=99 ;;
    *.*.*.*) family=ipv4 ;;
    *) address_length=99 ;;
  esac
  [ "$address_length" -le 39 ] ||
    refuse bad-parameter "$1 must be an IPv4 or IPv6 address as the kernel prints it; nothing was deleted."
}

check_target() {
  check_address destination "${MEDIC_DESTINATION-}"
  destination_family=$family
  check_address target "${MEDIC_TARGET-}"
  case ${MEDIC_PORT-} in
    '' | *[!0-9]* | 0* | ??????*) refuse bad-parameter 'port must be 1 to 65535; nothing was deleted.' ;;
  esac
  [ "$MEDIC_PORT" -le 65535 ] || refuse bad-parameter 'port must be 1 to 65535; nothing was deleted.'
  [ "$family" = "$destination_family" ] ||
    refuse bad-parameter 'destination and target must be of one family; nothing was deleted.'
  [ "$MEDIC_DESTINATION" != "$MEDIC_TARGET" ] ||
    refuse bad-parameter 'destination and target are the same, so nothing is translated and no entry can be stale; nothing was deleted.'
}

# matching <-L|-D>: what the tool prints for the entries in question, a line each, and how it ended. The tool filters by
# what it is given; that each line is one of ours is looked at once more.
matching() {
  bounded 60 conntrack "$1" -f "$family" -p udp --orig-dst "$MEDIC_DESTINATION" --orig-port-dst "$MEDIC_PORT" \
    --reply-src "$MEDIC_TARGET" 2>/dev/null
}

# count_matching: sets `entries` to how many there are, up to one more than may be deleted, and `foreign` to how many lines
# are none of them.
count_matching() {
  tally=$(matching -L | head -n $((most_entries + 1)) | tally_lines)
  entries=${tally%% *}
  foreign=${tally#* }
}

# tally_lines: counts the lines of standard input: those that are as asked for, and all others.
tally_lines() {
  tally_ours=0
  tally_others=0
  while read -r tally_line; do
    case $tally_line in
      "udp "*" dst=$MEDIC_DESTINATION sport="*" dport=$MEDIC_PORT "*"src=$MEDIC_TARGET dst="*) tally_ours=$((tally_ours + 1)) ;;
      *) tally_others=$((tally_others + 1)) ;;
    esac
  done
  printf '%s %s' "$tally_ours" "$tally_others"
}

check_incident
check_target
command -v conntrack >/dev/null 2>&1 || refuse missing-tool \
  'conntrack is not installed on this node, so no single entry can be deleted; nothing was deleted. The entries go when the client is quiet for longer than nf_conntrack_udp_timeout_stream.'
check_and_lock
count_matching
[ "$foreign" -eq 0 ] || refuse tool-unreliable \
  'conntrack lists entries that were not asked for: its filters or the spelling of the addresses cannot be trusted; nothing was deleted.'
[ "$entries" -le "$most_entries" ] || refuse too-many-entries \
  "More than $most_entries entries of $MEDIC_DESTINATION port $MEDIC_PORT lead to $MEDIC_TARGET; nothing was deleted. So many are no left-over: look whether $MEDIC_TARGET really is gone."
if [ "$entries" -eq 0 ]; then
  result_line 'deleted=0'
  finish unchanged '' "No entry of $MEDIC_DESTINATION port $MEDIC_PORT leads to $MEDIC_TARGET any more; nothing was left to do."
fi
tally=$(matching -D | tally_lines)
deleted=${tally%% *}
result_line "deleted=$deleted"
if [ "$deleted" -eq 0 ]; then
  count_matching
  [ "$entries" -eq 0 ] || fail write-failed "conntrack deleted none of $entries entries; try again, or delete them by hand."
  finish unchanged '' 'The entries were gone before they could be deleted; nothing was left to do.'
fi
finish changed '' "$deleted entries of $MEDIC_DESTINATION port $MEDIC_PORT that led to $MEDIC_TARGET were deleted."
