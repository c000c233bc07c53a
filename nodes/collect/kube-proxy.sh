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
