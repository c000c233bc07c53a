# `timeout` takes the seconds first (coreutils, busybox from 1.30) or after -t (older busybox), or is not there at all.
# `within` is what stands before the seconds and a command. As the only command of a subshell it takes the place of that,
# where a function would start one process more.
if [ "${within-}" = timeout ]; then
  :
elif timeout 1 true 2>/dev/null; then
  within=timeout
elif timeout -t 1 true 2>/dev/null; then
  within='timeout -t'
else
  within=watched
fi

# watched <seconds> <command...>: what `timeout` does, for nodes without it.
# shellcheck disable=SC2317 # Its name stands in `within`.
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
  $within "$@"
}
