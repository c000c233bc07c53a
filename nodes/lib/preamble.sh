# One locale and one clock whatever the node is set to; nothing here reads standard input.
LC_ALL=C
TZ=UTC
export LC_ALL TZ
set -u
exec </dev/null
newline='
'

# The nonce marks our sections; without a sound one nothing may be printed that looks like a section.
case ${MEDIC_NONCE-} in
  '' | *[!a-z0-9]*) medic_nonce_length=0 ;;
  *) medic_nonce_length=${#MEDIC_NONCE} ;;
esac
if [ "$medic_nonce_length" -ne 16 ]; then
  echo 'conntrack-medic: the nonce must be 16 lower-case letters or digits; nothing was done, send the command again.' >&2
  exit 3
fi

# Sets `uptime` to the seconds since boot, the only clock that log stamps and both samples share.
read_uptime() {
  uptime=0.00
  { read -r uptime _ </proc/uptime; } 2>/dev/null
}
