# What kube-proxy will make of the limit when it starts again, and whether it has been started since.

# find_kube_proxy: sets `kube_proxy_pid` to the node's own one, to nothing, or to `unknown`.
find_kube_proxy() {
  kube_proxy_pid=''
  find_namespace_of_processes=$(readlink /proc/self/ns/pid 2>/dev/null)
  if [ "$find_namespace_of_processes" != 'pid:[4026531836]' ]; then
    kube_proxy_pid=unknown
    return 0
  fi
  # Of a crowd that took the name, the node's own one may be any: nothing is started to tell it.
  for find_path in $(bounded 2 grep -lxs kube-proxy /proc/[0-9]*/comm 2>/dev/null); do
    judged "$kube_proxy_pid" "${find_path%/comm}"
    kube_proxy_pid=$pid
  done
}

# add <line>: appends a line to `text`, where what kube-proxy was told is gathered.
add() {
  text=$text${text:+$newline}$1
}

# started_ticks <pid>: sets `started` to the clock ticks after boot at which it began (man 5 proc_pid_stat, field 22).
started_ticks() {
  started='?denied'
  value=''
  { IFS= read -r value <"/proc/$1/stat"; } 2>/dev/null
  # The name stands in brackets and may hold anything; what follows the last one is numbers.
  set -f
  # shellcheck disable=SC2086 # The fields are to be split.
  set -- ${value##*)}
  set +f
  [ "$#" -ge 20 ] || return 0
  case ${20} in '' | *[!0-9]* | ?????????????*) ;; *) started=${20} ;; esac
}

# setting_or_default <what was read> <default>: sets `setting`; YAML has three ways to say nothing.
setting_or_default() {
  case $1 in
    '' | null | '~') setting=$2 ;;
    *[!0-9]* | ??????????*) setting='?denied' ;;
    *) setting=$1 ;;
  esac
}

# read_kube_proxy: sets `per_core`, `least`, `started` and `version`. A key that is not set has its default; the file beats every
# argument (kubernetes cmd/kube-proxy, `--config`).
read_kube_proxy() {
  per_core='?missing' least='?missing' started='?missing' version='?missing'
  find_kube_proxy
  case $kube_proxy_pid in
    '') return 0 ;;
    unknown)
      per_core='?denied' least='?denied' started='?denied' version='?denied'
      return 0
      ;;
  esac
  text=''
  kube_proxy_version
  version=${version:-?missing}
  started_ticks "$kube_proxy_pid"
  kube_proxy_arguments
  kube_proxy_settings
  proxy_source=arguments proxy_file_per_core='' proxy_file_least='' proxy_per_core='' proxy_least=''
  set -f
  IFS=$newline
  for proxy_line in $text; do
    case $proxy_line in
      arguments=cut) [ "$proxy_source" != arguments ] || proxy_source=cut-off ;;
      arg=--config=*) proxy_source=unread ;;
      config=read) [ "$proxy_source" != unread ] || proxy_source=its-file ;;
      arg=--conntrack-max-per-core=*) proxy_per_core=${proxy_line#*=*=} ;;
      arg=--conntrack-min=*) proxy_least=${proxy_line#*=*=} ;;
      conf=maxPerCore=*) proxy_file_per_core=${proxy_line#*=*=} ;;
      conf=min=*) proxy_file_least=${proxy_line#*=*=} ;;
    esac
  done
  unset IFS
  set +f
  case $proxy_source in
    its-file)
      proxy_per_core=$proxy_file_per_core
      proxy_least=$proxy_file_least
      ;;
    unread | cut-off)
      per_core='?denied' least='?denied'
      return 0
      ;;
  esac
  setting_or_default "$proxy_per_core" 32768
  per_core=$setting
  setting_or_default "$proxy_least" 131072
  least=$setting
}
