# What the node's own kube-proxy was told: only the arguments that decide about the limit are printed, never its
# environment and never the rest of its command line.

# The kernel ends each argument with a NUL; a value may follow its option as an argument of its own.
kube_proxy_arguments() {
  arguments=$(bounded 2 head -c "$file_most_bytes" "/proc/$kube_proxy_pid/cmdline" 2>/dev/null | tr '\000\n' '\n?' | printable | head -n 61)
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
  version_group=$(plain "/proc/$kube_proxy_pid/cgroup" | tr -c '\n -~' '?' | head -n 20)
  version_container=$(printf '%s\n' "$version_group" | sed -n 's/.*[^0-9a-f]\([0-9a-f]\{64\}\)\(\.scope\)\{0,1\}$/\1/p' | head -n 1)
  [ -n "$version_container" ] || return 0
  version=$(plain "/run/containerd/io.containerd.runtime.v2.task/k8s.io/$version_container/config.json" 1048576 |
    grep -o '"io\.kubernetes\.cri\.image-name": *"[^"]*:v[0-9][0-9.]*' | head -n 1)
  version=${version##*:}
}

# kube_proxy_settings: what its configuration file, as its container sees it, says about the limit and the timeouts. Only
# such lines leave the node, and only where the file is one of kube-proxy's.
kube_proxy_settings() {
  case $kube_proxy_file in
    /*) ;;
    *) return 0 ;;
  esac
  settings_path=/proc/$kube_proxy_pid/root$kube_proxy_file
  settings_text=$(plain "$settings_path" | tr -d '\r')
  # Of a file that is cut off the rest could say anything.
  [ "${#settings_text}" -lt $((file_most_bytes - 4096)) ] || return 0
  printf '%s\n' "$settings_text" | grep -qE '^kind:[[:space:]]*"?KubeProxyConfiguration"?[[:space:]]*$' || return 0
  # A section in braces is good YAML too and is not read here.
  ! printf '%s\n' "$settings_text" | grep -qE '^conntrack:[[:space:]]*[^[:space:]#]' || return 0
  add 'config=read'
  settings_lines=$(printf '%s\n' "$settings_text" | sed -n '/^conntrack:/,/^[^[:space:]#]/s/^[[:space:]]\{1,8\}\([a-zA-Z]\{1,30\}\):[[:space:]]*"\{0,1\}\([^"#[:space:]]\{0,30\}\)"\{0,1\}[[:space:]]*\(#.*\)\{0,1\}$/conf=\1=\2/p' |
    grep -E '^conf=(maxPerCore|min|tcpEstablishedTimeout|tcpCloseWaitTimeout)=' | printable | head -n 4)
  [ -z "$settings_lines" ] || add "$settings_lines"
}

kube_proxy_section() {
  text=''
  status=$processes
  read_uptime
  if [ "$status" = ok ]; then
    case $kube_proxy_pid in
      '') add 'running=no' ;;
      unknown) add 'running=unknown' ;;
      *)
        add 'running=yes'
        kube_proxy_version
        add "version=$version"
        started_at "$kube_proxy_pid"
        add "started=$started"
        kube_proxy_arguments
        kube_proxy_settings
        ;;
    esac
    if [ -e /sys/class/net/kube-ipvs0 ]; then add 'kube_ipvs0=yes'; else add 'kube_ipvs0=no'; fi
    interface_hints
    add "interfaces=$hints"
    add_branch_interfaces
  fi
  section kube-proxy - 1200
}
