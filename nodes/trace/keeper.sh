# What a trace sets up: a folder of its own in /run, processes that are listed there, and an instance of the kernel's tracing with the
# folder's name. Whoever takes it away runs the text below: the trace at its end, a child that outlives it when it is killed, and
# the next trace where not even that child was left.
run_directory=/run/conntrack-medic
trace_name=conntrack-medic-$MEDIC_NONCE
trace_folder=$run_directory/trace-$MEDIC_NONCE

# Arguments: folder; process to wait for with its start time, or 0 0; seconds after boot at which waiting ends; the text that removes
# an instance. A process is ours as long as its number stands for the start time that it wrote down itself. An instance outlives
# whoever made it: where tracing is not mounted it is mounted once more, out of sight, and where it can not be removed the folder
# stays, so that the next trace tries again.
# shellcheck disable=SC2016 # Of the shell that runs it.
keeper_program='
trap "" HUP INT TERM PIPE
set -u
exec </dev/null >/dev/null 2>&1
folder=$1 process=$2 start=$3 deadline=$4 remove_instance=$5 name=conntrack-medic-${1##*-}
cd "$folder" || exit 0
lives() {
  lives_now=""
  IFS= read -r lives_now <"/proc/$1/stat" || return 1
  set -f
  set -- "$2" ${lives_now##*)}
  set +f
  [ "$#" -ge 21 ] && [ "$1" = "${21}" ] && [ "$2" != Z ]
}
while [ "$process" != 0 ] && lives "$process" "$start"; do
  read -r up rest </proc/uptime
  [ "${up%%.*}" -lt "$deadline" ] || break
  sleep 2
done
[ . -ef "$folder" ] || exit 0
if [ "$process" != 0 ] && lives "$process" "$start"; then
  kill -TERM "$process"
  sleep 3
  lives "$process" "$start" && kill -9 "$process"
fi
if [ -f "$folder/processes" ] && [ ! -L "$folder/processes" ]; then
  head -n 64 "$folder/processes" | while IFS= read -r line; do
    pid=${line%% *}
    set -f
    set -- x ${line##*)}
    set +f
    case $pid in "" | *[!0-9]* | "$$") continue ;; esac
    [ "$#" -ge 21 ] || continue
    if lives "$pid" "${21}"; then kill -9 "$pid"; fi
  done
fi
remove() {
  if grep -qsx ready "$folder/holder"; then
    unshare -m sh -c "mount -t tracefs tracefs /sys/kernel/tracing && $remove_instance" sh "$name"
  else
    sh -c "$remove_instance" sh "$name"
  fi
}
tries=0
until remove; do
  tries=$((tries + 1))
  if [ "$tries" -ge 20 ]; then
    rm -f "$folder"/[!h]*
    exit 1
  fi
  sleep 0.1 || sleep 1
done
rm -rf "$folder"'

# Argument: name of an instance of tracing. As long as somebody has a file of it open it can not be removed.
# shellcheck disable=SC2016 # Of the shell that runs it.
remove_instance='for tracing in /sys/kernel/tracing /sys/kernel/debug/tracing; do
  instance=$tracing/instances/$1
  [ -d "$instance" ] || continue
  echo 0 >"$instance/events/enable"
  rmdir "$instance" || exit 1
done'

# start_time <pid>: sets `start` to what field 22 of its stat says (man 5 proc_pid_stat), or to nothing.
start_time() {
  start=''
  value=''
  { IFS= read -r value <"/proc/$1/stat"; } 2>/dev/null
  set -f
  # shellcheck disable=SC2086 # The fields are to be split.
  set -- ${value##*)}
  set +f
  [ "$#" -lt 20 ] || start=${20}
}

# take_away <folder>
take_away() {
  sh -c "$keeper_program" medic-trace-keeper "$1" 0 0 0 "$remove_instance" 9>&-
}

# is_ours <path>: a folder of root alone, and no link.
is_ours() {
  [ ! -L "$1" ] && [ -d "$1" ] && [ "$(stat -c '%u %a' "$1" 2>/dev/null)" = '0 700' ]
}

# begin_trace: takes the lock, takes away what a killed trace left, and makes our folder.
begin_trace() {
  { mkdir -p "$run_directory" && chmod 0700 "$run_directory"; } 2>/dev/null
  if ! { is_ours "$run_directory" && [ ! -L "$run_directory/trace.lock" ] && printf '' >>"$run_directory/trace.lock"; } 2>/dev/null; then
    refuse write-failed '/run/conntrack-medic cannot be written to, or is not of root alone; nothing was captured. Free space in /run or look at that folder by hand.'
  fi
  exec 9>>"$run_directory/trace.lock"
  flock -n 9 || refuse busy 'Another trace runs on this node; nothing was captured. Try again in a minute.'
  for left_folder in "$run_directory"/trace-*; do
    case ${left_folder##*/trace-} in *[!a-z0-9]* | '') continue ;; esac
    [ ! -d "$left_folder" ] || [ -L "$left_folder" ] || take_away "$left_folder"
  done
  if ! mkdir "$trace_folder" 2>/dev/null || ! is_ours "$trace_folder"; then
    refuse write-failed "$trace_folder cannot be made; nothing was captured. Free space in /run."
  fi
  start_time $$
  trace_begun=yes
  read_uptime
  run_deadline=$((${uptime%%.*} + seconds + 50))
  setsid sh -c "$keeper_program" medic-trace-keeper "$trace_folder" $$ "$start" "$run_deadline" "$remove_instance" 9>&- &
  trap 'stop_trace; exit 143' HUP INT PIPE
  trap 'refuse stopped "The trace was stopped, or came to no end within its time; nothing of it is left on the node."' TERM
  # What is captured lies in memory, in /run: where nothing fits any more nothing would be seen.
  if ! { head -c 1048576 /dev/zero >"$trace_folder/room" && [ "$(stat -c %s "$trace_folder/room")" = 1048576 ]; } 2>/dev/null; then
    refuse write-failed '/run has less than 1 MiB free, so packets cannot be kept while they are counted; nothing was captured. Free space in /run.'
  fi
  rm -f "$trace_folder/room"
}

# stop_trace: afterwards nothing of this trace is left.
stop_trace() {
  trap '' HUP INT TERM PIPE
  # bash would tell of each of its children that it was killed.
  exec 2>/dev/null
  take_away "$trace_folder"
}

# launch <seconds of CPU> <command...>: starts one of our processes, listed and bounded. Sets `launched`.
launch() {
  launch_cpu=$1
  shift
  (
    IFS= read -r launch_stat </proc/self/stat && printf '%s\n' "$launch_stat" >>"$trace_folder/processes" || exit 125
    # shellcheck disable=SC3045 # dash, busybox and bash all have it.
    ulimit -t "$launch_cpu"
    # 512-byte blocks; no file of a trace becomes longer.
    ulimit -f 8192
    exec "$@"
  ) 9>&- &
  launched=$!
}

pause() {
  sleep 0.1 2>/dev/null 9>&- || sleep 1 9>&-
}

# rest_until <seconds after boot>: in one listed process: one for each second would take more of the CPU than the captures.
rest_until() {
  read_uptime
  while [ "${uptime%%.*}" -lt "$1" ]; do
    launch 1 sleep "$(($1 - ${uptime%%.*}))"
    wait "$launched" || sleep 1 9>&-
    read_uptime
  done
}
