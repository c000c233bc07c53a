# `timeout` takes the seconds first (coreutils, busybox from 1.30) or after -t (older busybox), or is not there at all.
if timeout 1 true 2>/dev/null; then
  timeout_style=plain
elif timeout -t 1 true 2>/dev/null; then
  timeout_style=legacy
else
  timeout_style=none
fi

# watched <seconds> <command...>: what `timeout` does, for nodes without it.
watched() {
  watched_limit=$1
  shift
  "$@" &
  watched_command=$!
  (
    sleep "$watched_limit" &
    watched_sleep=$!
    trap 'kill "$watched_sleep"; exit' TERM
    wait "$watched_sleep"
    kill "$watched_command"
  ) >/dev/null 2>&1 &
  watched_dog=$!
  wait "$watched_command"
  watched_status=$?
  kill "$watched_dog" 2>/dev/null
  return "$watched_status"
}

# bounded <seconds> <command...>
bounded() {
  case $timeout_style in
    plain) timeout "$@" ;;
    legacy) timeout -t "$@" ;;
    *) watched "$@" ;;
  esac
}
