/** Letters and digits that name an interface, a repetition, a protocol, a system, a percentile or a moment, and no machine. */
const NO_MACHINE =
  /^(?:eth|ens|eni|enp|eno|em|lo|bond|br|wlan|veth|cali|tap|tun|cpu|cpus|tcp|udp|ip|ipv|icmp|dns|http|https|tls|ssl|docker|cni|virbr|dummy|vxlan|geneve|genev|weave|flannel|cilium|kube-ipvs|nodelocaldns|cbr|ovs|lxc|lxcbr|lxdbr|macvlan|ipvlan|ifb|vlan|team|sit|gre|ipip|tunl|port|udplite|t|run|sample|round|step|phase|test|try|take|pass|part|day|week|before|after|time|snapshot|reading|v|version|case|example|fig|figure|table|line|lines|section|chapter|x|sha|md|log|file|ring|queue|rx|tx|ct|utf|level|conntrack|nf|k8s|k3s|ec|s|q|l|layer|python|py|java|go|rhel|el|al|ubuntu|debian|centos|fedora|rocky|alma|sles|amd|arm|x86|base|route|rfc|as|az|zone|tier|error|status|exit|errno|top|option|attempt|hypothesis|question|point)[-_]?\d{1,5}$/i;

/** Regions and zones of clouds. */
const REGION = [
  /^(?:us|eu|ap|ca|sa|me|af|il|cn|mx)-(?:gov-)?(?:north|south|east|west|central)[a-z]{0,5}-\d[a-z]?$/i,
  /^(?:us|europe|asia|australia|northamerica|southamerica|me|africa)-(?:north|south|east|west|central)[a-z]{0,5}\d{1,2}(?:-[a-z])?$/i,
] as const;

/** Sizes of instances, regions and zones of clouds, tickets, percentiles, and numbers with a unit: `m5.xlarge`, `eu-west-1a`, `10-minute`. */
const NO_PLACE = [
  /^(?:k8s|k3s|p\d\d{1,2}|[cmr][4-8][a-z]{0,3}|t[2-4][a-z]?)$/i,
  /^[a-z]{1,3}\d{1,2}[a-z]{0,5}\.(?:nano|micro|small|medium|large|\d{0,2}xlarge|metal)/i,
  ...REGION,
  /^[A-Z]{2,10}-\d{2,6}$/,
  /^CVE-/i,
  /^\d{1,6}-[a-z]/i,
] as const;

/** A name that is one of those by its form and a machine's by its first word: `NODE-12`. */
const NUMBERED_MACHINE = /^(?:node|host|worker|server|master|web|db|app|api|lb|edge|gw|cp)-\d{1,6}$/i;

/** Words with a hyphen that people and tools use for other things. */
const NO_NAME =
  /^(?:nf|ip|net|kernel|iptables|ip6tables|conntrack|softnet|netstat|dmesg|sysctl|pre|post|before|after|follow|re|non|side|top|out|read|write|time|up|real|sub|self|long|short|high|low|two|three|one|half|first|second|x|e|u|i|t|ct|proc|dev|sys|var|etc|usr|tmp|aws|azure)-[a-z][a-z-]*$/i;

/** Words that tell a moment, a kind of output or a state, and no machine. */
const COMMON =
  /^(?:before|after|afterwards|start|end|begin|first|second|third|then|now|later|again|peak|idle|loaded|load|baseline|initial|final|current|currently|previous|previously|earlier|recently|old|new|today|yesterday|tonight|morning|noon|afternoon|evening|night|midnight|mon|tue|wed|thu|fri|sat|sun|\w{3,6}day|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|during|one|two|three|ok|normal|stable|busy|quiet|output|outputs|result|results|summary|sample|table|counters|settings|logs?|memory|limits?|count|max|tcp|udp|ip|tcpext|ipext|udplite|icmp|icmpmsg|mptcpext|kernel|network|details|update|edit|note|notes|question|answer|expected|actual|thanks|hello|hi|here|this|that|these|done|todo|commit|raw|filter|nat|mangle|chain|accept|drop|return|total|value|warning|error|info|stdout|stderr|stats|statistics|metrics|numbers|values|data|env|environment|version|versions|config|configuration|command|commands|shell|console|terminal|userspace|ipv4|ipv6|usage|status|state|entries)$/i;

/** Words for kinds of things and places that head an output without naming a machine. */
const KIND =
  /^(?:node|nodes|host|hosts|servers|machine|machines|instance|instances|vm|box|pod|pods|container|containers|clients|cluster|namespace|region|zone|test|kubernetes|linux|https?|yes|no|note|tl;?dr|context|background|question|problem|issue|symptom|symptoms|observation|observations|evidence|findings?|steps?|reproduce|environment|description|workaround|fix|cause|impact|timeline|reference|comparison|compare|more|also|and|but|so|fyi|ps|all|both|each|same|thanks|cheers|regards)$/i;

/** Programs that print or count what is pasted here, and those that run on a node; what they say is said of the machine that they run on. */
const SOFTWARE =
  /^(?:kube-?proxy|kubelet|kube-?(?:dns|router|apiserver|scheduler|controller-manager|state-metrics|flannel|vip|bench|ops)|kubectl|kubeadm|k9s|helm|coredns|core-dns|node-?local-?dns|nodelocaldns|node[-_]?exporter|node-?problem-?detector|npd|aws-(?:node|cni|vpc-cni)|vpc-cni|ip-masq-agent|cilium(?:-\w{1,20})?|hubble|calico(?:-\w{1,20})?|felix|bird|flannel|weave(?:-\w{1,20})?|antrea(?:-\w{1,20})?|multus|istio(?:d|-\w{1,20})?|envoy|linkerd(?:-\w{1,20})?|nginx(?:-\w{1,20})?|ingress-nginx|haproxy|traefik|apache2?|httpd|caddy|squid|varnish|redis|postgres(?:ql)?|mysql|memcached|docker|dockerd|containerd|crio|cri-o|crictl|podman|runc|systemd(?:-\w{1,20})?|journald|journal|journalctl|syslog|rsyslogd?|dmesg|sysctl|conntrack(?:-tools|d)?|nstat|netstat|ss|ip|tc|nft|nftables|iptables(?:-\w{1,20})?|ip6tables|ipvs|ipvsadm|ethtool|lnstat|sar|uptime|date|free|top|htop|vmstat|tcpdump|tshark|wireshark|perf|bpftrace|dropwatch|pwru|strace|prometheus|promql|grafana|alertmanager|loki|promtail|logcli|stern|kubetail|kail|datadog|dd-agent|newrelic|new-relic|dynatrace|telegraf|influx(?:db)?|netdata|zabbix|nagios|icinga|checkmk|collectd|statsd|splunk|elastic(?:search)?|kibana|opensearch|fluent(?:d|-?bit)|logstash|filebeat|vector|cloudwatch|container-?insights|stackdriver|pagerduty|opsgenie|slack|terraform|ansible|salt|puppet|chef|pdsh|clush|ssh|sshd|curl|wget|ab|wrk|hey|k6|jmeter|vegeta|python|java|node\.?js|php|ruby|golang|nginx\.conf|sosreport|ebpf|xdp|ena|ec2|eks|ecs|gke|aks|fargate|bottlerocket|flatcar|talos|cos|ubuntu|debian|centos|rhel|fedora|alpine|amazon-?linux)$/i;

/** Last parts of words with a hyphen that say what is spoken of and are no names: `node-level`, `host-network`, `api-server`. */
const SPOKEN_OF =
  /-(?:level|levels|wide|side|based|specific|local|scoped|facing|bound|network|networking|net|port|ports|ip|ips|pool|pools|group|groups|type|types|name|names|id|ids|mode|size|count|limit|limits|metrics|exporter|agent|agents|driver|plugin|controller|controllers|manager|operator|daemon|scheduler|server|servers|service|services|gateway|gateways|proxy|proxies|pod|pods|app|apps|application|client|clients|dns|cache|class|classes|config|settings|role|roles|shell|side-car|sidecar|traffic|balancer|balancers|node|nodes|worker-node|worker-nodes|to|to-node|to-pod|to-host|exporters|detector|masq|nginx|release|reboot|restart|table|tables|log|logs|state|states|status|space|time|check|checks|test|tests)$/i;

/** Whether a word names an interface, a moment, a region, a kind of instance or the like. */
export function isOtherThing(word: string): boolean {
  if (NUMBERED_MACHINE.test(word)) return false;
  return NO_MACHINE.test(word) || NO_NAME.test(word) || NO_PLACE.some((pattern) => pattern.test(word));
}

/** Whether a word names a tool, a daemon or a service, or a kind of thing, and no machine. */
export function isSoftware(word: string): boolean {
  return SOFTWARE.test(word) || (!/\d/.test(word) && SPOKEN_OF.test(word) && !word.includes('.'));
}

/** Whether a word is one of those that people and tools use for other things than hosts. */
export function isCommonWord(word: string): boolean {
  return COMMON.test(word) || isOtherThing(word);
}

/** Whether a word that stands alone above an output is no name of a machine: what is no {@link isCommonWord} may be a tool or a kind. */
export function isNoName(word: string): boolean {
  const isOther = isOtherThing(word) && !REGION.some((pattern) => pattern.test(word));
  return COMMON.test(word) || isOther || isSoftware(word) || KIND.test(word);
}
