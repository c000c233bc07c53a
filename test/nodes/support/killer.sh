# Runs inside a scratch namespace: kills one script after every command that it executes and looks at the node after each.
# bash killer.sh <work> <first step> <stride>. Prints:
#   run <step> <exit code> <state>       the run that was killed at its step-th command left the node in that state
#   file <state> <path> <checksum>       a file that is read at boot
#   value <state> <key> <number>
#   journal <state> <line>
#   collect <state> <line of the collector's section `state`>
#   after <state> <sequence> <position> <outcome> <code> <state after>
work=$1
step=$2
stride=$3
set -m
shopt -s nullglob globstar
alternatives=/etc/alternatives
values=(/proc/sys/net/netfilter/* /proc/sys/net/ipv4/neigh/default/* /proc/sys/net/ipv6/neigh/default/*)

# keep <folder>: the whole node as it is.
keep() {
  mkdir -p "$1"
  (cd /etc && tar -cf "$1/etc.tar" --exclude=./alternatives .)
  (cd /var/lib && tar -cf "$1/var-lib.tar" .)
  (cd /run && tar -cf "$1/run.tar" .)
  : >"$1/values"
  for path in "${values[@]}"; do
    read -r number <"$path"
    printf '%s %s\n' "$path" "$number" >>"$1/values"
  done
}

# restore <folder>
restore() {
  find /etc -mindepth 1 -maxdepth 1 ! -path $alternatives -exec rm -rf {} +
  rm -rf /run/* /var/lib/*
  tar -xf "$1/etc.tar" -C /etc
  tar -xf "$1/var-lib.tar" -C /var/lib
  tar -xf "$1/run.tar" -C /run
  while read -r path number; do printf '%s\n' "$number" >"$path"; done <"$1/values"
}

# fingerprint: of every file with its bytes and mode, and of every value. What only says that a command ran is left out.
fingerprint() {
  {
    tar -c --sort=name --mtime=@0 --exclude=./alternatives --exclude=./conntrack-medic/lock -C /etc . -C /run . -C /var/lib .
    for path in "${values[@]}"; do
      read -r number <"$path"
      echo "$number"
    done
  } 2>/dev/null | cksum
}

# state_name: sets `state`, and describes it when nobody has yet.
state_name() {
  state=$(fingerprint)
  state=${state/ /-}
  [ ! -d "$work/seen/$state" ] && mkdir "$work/seen/$state" 2>/dev/null || return 0
  for path in /etc/**/*.conf; do printf 'file %s %s %s\n' "$state" "$path" "$(cksum <"$path" | tr ' ' -)"; done
  for path in "${values[@]}"; do
    read -r number <"$path"
    printf 'value %s %s %s\n' "$state" "${path#/proc/sys/}" "$number"
  done
  for path in /var/lib/conntrack-medic/journal /run/conntrack-medic/journal; do
    [ ! -e "$path" ] || sed "s/^/journal $state /" "$path"
  done
}

# wait_for_end: children of a killed script may hold its lock for a moment longer.
wait_for_end() {
  [ ! -e /run/conntrack-medic/lock ] || flock /run/conntrack-medic/lock true
}

# run_killed <step>: the script, unchanged, in a process group of its own. Before each command bash takes a token that all
# its subshells share; the step-th is the end of the whole group, as a power cut would be.
run_killed() {
  {
    [ "$1" -eq 0 ] || printf '%0*d' "$1" 0
    printf k
  } | bash -o functrace -c '
    exec 7<&0
    trap '"'"'read -r -N 1 -u 7 killer_token; [ "$killer_token" != k ] || kill -9 0'"'"' DEBUG
    . "$1"' bash "$work/killed.sh" >/dev/null 2>&1 &
  wait $! 2>/dev/null
  code=$?
  wait_for_end
}

keep "$work/start-$stride-$step"
start=$work/start-$stride-$step
state_name
echo "start $state"
first=$state
while :; do
  [ "$state" = "$first" ] || restore "$start"
  run_killed "$step"
  state_name
  echo "run $step $code $state"
  if [ ! -d "$work/tried/$state" ] && mkdir "$work/tried/$state" 2>/dev/null; then
    keep "$work/tried/$state"
    # What the collector says of its own state depends on the journals and on the first lines of two files alone.
    kind=$({
      ls /var/lib/conntrack-medic/journal /run/conntrack-medic/journal
      head -qn 1 /run/conntrack-medic/unpersisted /etc/sysctl.d/99-zz-conntrack-medic.conf
    } 2>/dev/null | cksum | tr ' ' -)
    if mkdir "$work/tried/kind-$kind" 2>/dev/null; then
      dash "$work/collect.sh" 2>/dev/null | sed -n "/ state - ok /,/^===/{/^===/!s/^/collect $state /p}"
    fi
    for sequence in "$work"/sequence-*; do
      restore "$work/tried/$state"
      left=$state
      for script in "$sequence"/*.sh; do
        answer=$(dash "$script" 2>&1)
        outcome=$(printf '%s\n' "$answer" | sed -n 's/^outcome=//p')
        why=$(printf '%s\n' "$answer" | sed -n 's/^code=//p')
        state_name
        echo "after $left ${sequence##*-} $(basename "$script" .sh) ${outcome:-none} ${why:-none} $state"
      done
      state=$left
    done
    state=none
  fi
  [ "$code" -eq 137 ] || break
  step=$((step + stride))
done
