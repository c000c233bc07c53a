import type { Fault } from './guest-lab.ts';

/** A rule that drops SYNs which come from the client. */
export const NFTABLES_RULE: Fault = {
  begin: `nft -f - <<'END'
table inet fault { chain c { type filter hook forward priority 0; iifname "up0" tcp flags & (syn|ack) == syn numgen random mod 100 < 20 counter drop; }; }
END`,
  end: `nft list table inet fault | grep -o 'packets [0-9]*' | cut -d' ' -f2 >dropped
nft delete table inet fault`,
};

/** The same of the tool that does not speak nftables. */
export const LEGACY_RULE: Fault = {
  begin:
    'iptables-legacy -A FORWARD -i up0 -p tcp --syn -m statistic --mode random --probability 0.2 -j DROP',
  end: `iptables-legacy -vxnL FORWARD | awk '/DROP .*statistic/ { print $1 }' >dropped
iptables-legacy -F FORWARD`,
};

const dropsOfTable = (file: string) => `conntrack -S | grep -o ' drop=[0-9]*' | cut -d= -f2 >${file}`;
const LIMIT = '/proc/sys/net/netfilter/nf_conntrack_max';

/** A table that is full for some seconds. */
export const FULL_TABLE: Fault = {
  begin: `max=$(cat ${LIMIT})
${dropsOfTable('was')}
echo $(($(cat /proc/sys/net/netfilter/nf_conntrack_count) + 5)) >${LIMIT}`,
  end: `echo $max >${LIMIT}
${dropsOfTable('is')}
echo $(($(cat is) - $(cat was))) >dropped`,
};

/** Loss where packets leave an interface of the guest, or of one of its namespaces: so many percent. */
export const netem = (link: string, share: number, namespace?: string): Fault => {
  const tc = namespace === undefined ? 'tc' : `tc -n ${namespace}`;
  return {
    begin: `${tc} qdisc add dev ${link} root netem loss ${share}%`,
    // What falls while the count is read would be missing from it.
    end: `${tc} qdisc change dev ${link} root netem loss 0%
${tc} -s qdisc show dev ${link} | grep -o 'dropped [0-9]*' | cut -d' ' -f2 >dropped
${tc} qdisc del dev ${link} root`,
  };
};
