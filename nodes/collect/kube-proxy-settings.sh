# What the node's own kube-proxy was told: only the arguments that decide about the limit are printed, never its
# environment and never the rest of its command line.

# The kernel ends each argument with a NUL; a value may follow its option as an argument of its own.
kube_proxy_arguments() {
  arguments=$($within 2 head -c "$file_most_bytes" "/proc/$kube_proxy_pid/cmdline" 2>/dev/null |
    tr '\000\t\001-\010\012-\037\177-\377' '\n ?')
  argument_wants=''
  arguments_room=500
  arguments_seen=0
  kube_proxy_file=''
  # No here-document: some shells keep it in a temporary file.
  set -f
  IFS=$newline
  for argument in $arguments; do
    arguments_seen=$((arguments_seen + 1))
    if [ "$arguments_seen" -gt 60 ]; then
      add 'arguments=cut'
      break
    fi
    argument_line=''
    if [ -n "$argument_wants" ]; then
      argument_line="arg=$argument_wants=$argument"
      argument_wants=''
    else
      case $argument in
        --config=* | --proxy-mode=* | --conntrack-*=*) argument_line="arg=$argument" ;;
        --config | --proxy-mode | --conntrack-*) argument_wants=$argument ;;
      esac
    fi
    [ -n "$argument_line" ] || continue
    # A runaway command line must not crowd out what comes after it.
    arguments_room=$((arguments_room - ${#argument_line}))
    if [ "$arguments_room" -lt 0 ]; then
      add 'arguments=cut'
      break
    fi
    add "$argument_line"
    case $argument_line in arg=--config=*) kube_proxy_file=${argument_line#arg=--config=} ;; esac
  done
  unset IFS
  set +f
}

# containerd keeps the name of the image beside the running container; nothing else is taken from that file.
kube_proxy_version() {
  version=''
  version_container=''
  version_seen=0
  [ -f "/proc/$kube_proxy_pid/cgroup" ] || return 0
  while [ "$version_seen" -lt 20 ] && IFS= read -r version_group; do
    version_seen=$((version_seen + 1))
    version_group=${version_group%.scope}
    case $version_group in *[!0-9a-f]*) ;; *) continue ;; esac
    version_container=${version_group##*[!0-9a-f]}
    [ "${#version_container}" -ne 64 ] || break
    version_container=''
  done 2>/dev/null <"/proc/$kube_proxy_pid/cgroup"
  [ -n "$version_container" ] || return 0
  version_file=/run/containerd/io.containerd.runtime.v2.task/k8s.io/$version_container/config.json
  [ -f "$version_file" ] || return 0
  version=$($within 2 head -c 1048576 "$version_file" 2>/dev/null |
    grep -ao '"io\.kubernetes\.cri\.image-name": *"[^"]*:v[0-9][0-9.]*')
  version=${version%%"$newline"*}
  version=${version##*:}
}

# Of a file that is cut off the rest could say anything, and a section in braces is good YAML too and is not read here.
# shellcheck disable=SC2016 # The dollars are awk's.
pick_settings='
{ size += length($0) + 1 }
/^kind:[ \t]*"?KubeProxyConfiguration"?[ \t]*$/ { is_ours = 1 }
/^conntrack:[ \t]*[^ \t#]/ { in_braces = 1 }
/^[^ \t#]/ { in_section = /^conntrack:/ }
in_section && /^[ \t]+(maxPerCore|min|tcpEstablishedTimeout|tcpCloseWaitTimeout):[ \t]*"?[^"# \t]*"?[ \t]*(#.*)?$/ {
  match($0, /^[ \t]+/)
  if (RLENGTH > 8) next
  key = value = substr($0, RLENGTH + 1)
  sub(/:.*/, "", key)
  sub(/^[a-zA-Z]+:[ \t]*"?/, "", value); sub(/["# \t].*/, "", value); gsub(/[^ -~]/, "?", value)
  if (length(value) <= 30 && ++found <= 4) settings = settings "\nconf=" key "=" value
}
END { if (size < most - 4096 && is_ours && !in_braces) print "config=read" settings }'

# kube_proxy_settings: what its configuration file, as its container sees it, says about the limit and the timeouts. Only
# such lines leave the node, and only where the file is one of kube-proxy's.
kube_proxy_settings() {
  case $kube_proxy_file in
    /*) ;;
    *) return 0 ;;
  esac
  settings_path=/proc/$kube_proxy_pid/root$kube_proxy_file
  [ -f "$settings_path" ] || return 0
  settings_lines=$($within 2 head -c "$file_most_bytes" "$settings_path" 2>/dev/null | tr -d '\000\r' |
    awk -v most="$file_most_bytes" "$pick_settings" 2>/dev/null)
  [ -z "$settings_lines" ] || add "$settings_lines"
}
