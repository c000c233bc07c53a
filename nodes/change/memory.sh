# memory_kib <key>
memory_kib() {
  grep "^$1: *[0-9][0-9]* kB" /proc/meminfo 2>/dev/null | {
    read -r _ memory_number _ && printf '%s' "$memory_number"
  }
}

# read_memory_bound: sets `memory_bound` to what a full table may take: 5 % of all memory, half of what is available.
read_memory_bound() {
  memory_total=$(memory_kib MemTotal)
  memory_available=$(memory_kib MemAvailable)
  if [ -z "$memory_total" ] || [ -z "$memory_available" ]; then
    refuse above-memory-bound 'The memory of this node cannot be read from /proc/meminfo, so no bound can be kept; nothing was changed.'
  fi
  memory_bound=$((memory_total * 1024 / 20))
  if [ $((memory_available * 512)) -lt "$memory_bound" ]; then memory_bound=$((memory_available * 512)); fi
}
