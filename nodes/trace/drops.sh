# Why and where the kernel freed packets: its event skb/kfree_skb, in an instance of tracing of our own. A full table, NAT and legacy
# iptables end in nf_hook_slow, and before 6.7 a rule of nftables; since then that ends in nft_do_chain. Where tracing is not
# mounted, a process of ours sees it in a mount namespace.
drops_instance=''
drops_why=''

# make_instance <folder of tracing>
make_instance() {
  [ -d "$1/instances" ] && [ -f "$1/events/skb/kfree_skb/filter" ] && mkdir "$1/instances/$trace_name" 2>/dev/null || return 1
  drops_instance=$1/instances/$trace_name
  drops_event=$drops_instance/events/skb/kfree_skb
}

start_drops() {
  if ! make_instance /sys/kernel/tracing && ! make_instance /sys/kernel/debug/tracing; then
    if ! grep -qs '[[:space:]]tracefs$' /proc/filesystems || ! command -v unshare >/dev/null 2>&1; then
      drops_why=missing
      return 0
    fi
    # shellcheck disable=SC2016 # Of the shell that runs it.
    launch 5 setsid unshare -m sh -c 'echo $$ >"$1" && mount -t tracefs tracefs /sys/kernel/tracing && echo ready >>"$1" && exec sleep "$2"' \
      medic-trace-holder "$trace_folder/holder" "$((seconds + 60))" >/dev/null 2>&1
    drops_tries=0
    while [ "$drops_tries" -lt 20 ] && ! grep -qs ready "$trace_folder/holder"; do
      pause
      drops_tries=$((drops_tries + 1))
    done
    if ! make_instance "/proc/$launched/root/sys/kernel/tracing"; then
      drops_why=denied
      return 0
    fi
  fi
  # 8 MiB of memory in all. It keeps the first that fit, and counts what did not.
  drops_cpus=$(grep -c '^processor' /proc/cpuinfo 2>/dev/null)
  drops_kib=$((8192 / ${drops_cpus:-1}))
  drops_kib=$((drops_kib > 1024 ? 1024 : drops_kib < 16 ? 16 : drops_kib))
  {
    echo "$drops_kib" >"$drops_instance/buffer_size_kb"
    echo 0 >"$drops_instance/options/overwrite"
    echo nohash-ptr >"$drops_instance/trace_options"
    echo 'protocol == 2048 || protocol == 34525' >"$drops_event/filter" && echo 1 >"$drops_event/enable" || drops_why=denied
  } 2>/dev/null
}

# Adds up what the ring holds by reason and function. 6.1 prints addresses without reasons, or hashes with them, so there it is
# read both ways.
# shellcheck disable=SC2016 # Awk's.
sum_drops='
/kfree_skb: .*location=/ {
  place = reason = $0
  sub(/.*location=/, "", place); sub(/[ +].*/, "", place)
  if (!sub(/.*reason: /, "", reason)) reason = "-"
  if (reason == "") { at[++many] = place; next }
  if (++number in at) place = at[number]
  else if (place ~ /^0000/) next
  if (place !~ /^[A-Za-z0-9_.]+$/) place = "-"
  if (reason !~ /^[A-Z0-9_]+$/) reason = "-"
  sum[place " " reason]++
}
END { for (one in sum) print one, sum[one] }'

# shellcheck disable=SC2016 # Awk's.
name_places='
$2 == "?" { name = last == "" ? "-" : last; sum[name " " $3] += $4; next }
{ last = $2 }
END { for (one in sum) print one, sum[one] }'

# read_drops: sets `text`, `status`: lines of function, reason and number, most first, behind how many did not fit.
read_drops() {
  text=''
  status=${drops_why:-ok}
  read_uptime
  [ "$status" = ok ] || return 0
  echo 0 2>/dev/null >"$drops_event/enable"
  drops_lost=$(cat "$drops_instance"/per_cpu/cpu*/stats 2>/dev/null | awk '/^(overrun|dropped events):/ { sum += $NF } END { print sum + 0 }')
  drops_sums=$({
    bounded 6 cat "$drops_instance/trace"
    if grep -q 'n=%p r' "$drops_event/format"; then
      echo hash-ptr >"$drops_instance/trace_options"
      bounded 6 cat "$drops_instance/trace"
    fi
  } 2>/dev/null | awk "$sum_drops" 2>/dev/null)
  case $drops_sums in
    *ffff????????????' '*)
      # shellcheck disable=SC2016 # Awk's.
      drops_sums=$({
        bounded 6 awk '$2 ~ /^[tTwW]$/ { print $1, $3 }' /proc/kallsyms
        printf '%s\n' "$drops_sums" | sed 's/ / ? /'
      } 2>/dev/null | sort | awk "$name_places")
      ;;
  esac
  add "lost=$drops_lost"
  drops_sums=$(printf '%s\n' "$drops_sums" | sort -k 3,3nr | head -n 40)
  [ -z "$drops_sums" ] || add "$drops_sums"
}
