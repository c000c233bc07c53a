echo "conntrack-medic: this document cannot change a node yet; nothing was done." >&2
exit 1
