# Reads the few numbers that tell how full this node's table is and what becomes of its limit, twice, and changes nothing: no file
# is written, no module is loaded, no entry is looked at. It runs on every node every few minutes, so it starts few processes.

case ${MEDIC_SAMPLE_SECONDS-} in
  [2-9] | [12][0-9] | 30) ;;
  *)
    echo 'conntrack-medic: sampleSeconds must be 2 to 30; nothing was read, send the command again.' >&2
    exit 3
    ;;
esac

before=''
export before
per_core='' least=''
find_namespace
find_counters
before=$(probe_sample)

sleep "$MEDIC_SAMPLE_SECONDS"

read_kube_proxy
printf 'medic-probe/1 %s\nclock=%s\n' "$MEDIC_NONCE" "$(date +%s)"
probe_last
printf 'kube_proxy_per_core=%s\nkube_proxy_min=%s\nkube_proxy_started=%s\nkube_proxy_version=%s\n' \
  "$per_core" "$least" "$started" "$version"
print_ena
printf 'end %s\n' "$MEDIC_NONCE"
exit 0
