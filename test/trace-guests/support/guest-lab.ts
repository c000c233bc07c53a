import { gunzipSync } from 'node:zlib';
import { readTrace, type Trace } from '../../../src/core/trace/output.ts';
import { NONCE, shipped } from '../../nodes/support/scripts.ts';
import { Guest } from './guest.ts';
import type { GuestImage } from './guest-images.ts';

/** A fault, as shell commands for the guest. */
export interface Fault {
  readonly begin: string;
  /** Leaves how many packets it dropped by its own count in the file `dropped`, and ends it. */
  readonly end: string;
}

/** What is seen of a fault by the trace, by the client and by the fault itself. */
export interface Seen {
  readonly trace: Trace;
  /** Of the connections that the trace counts. */
  readonly truth: { readonly connections: number; readonly delayed: number };
  readonly dropped: number;
}

/** The tools that a trace may use, the most telling first. */
export type Tools = 'tcpdump' | 'python' | 'neither';

const CLIENT = '198.18.0.2';
const UPLINK = '198.18.0.1';
const POD = '198.18.1.2';
/** As short as a trace may be. */
const TRACED_SECONDS = 5;
/** Connections in a second, and for how long: until after the last that counts. */
const RATE = 50;
const CONNECTING_SECONDS = 14;
/** Modules that a node has loaded, as a trace loads none. */
const MODULES =
  'veth nf_conntrack nf_conntrack_netlink nft_ct nft_nat nft_masq nft_chain_nat nft_numgen xt_statistic xt_tcpudp iptable_filter sch_netem';

/** The guest is the node; client and pod are network namespaces of it. */
const SET_UP = `modprobe -a ${MODULES}
for name in client pod; do
  ip netns add $name
  ip -n $name link set lo up
done
link() { # link <interface> <namespace> <its address> <address inside>
  ip link add $1 type veth peer name eth0 netns $2
  ip address add $3/24 dev $1
  ip link set $1 up
  ip -n $2 address add $4/24 dev eth0
  ip -n $2 link set eth0 up
  ip -n $2 route add default via $3
}
link up0 client ${UPLINK} ${CLIENT}
link veth0 pod 198.18.1.1 ${POD}
sysctl -qw net.ipv4.ip_forward=1
nft -f - <<'END'
table ip lab_nat {
  chain in { type nat hook prerouting priority dstnat; tcp dport 30080 dnat to ${POD}:8080; }
  chain out { type nat hook postrouting priority srcnat; oifname "veth0" masquerade; }
}
END
mkdir /run/away
ip netns exec pod setsid python3 /opt/server.py 8080 </dev/null >/dev/null 2>&1 &
until ip netns exec pod ss -Htln | grep -q :8080; do sleep 0.2; done`;

/** A guest with the kernel of one series, on which faults are made and traced. */
export class GuestLab {
  readonly #guest: Guest;
  /** As `uname` prints it, with the version of the package. */
  readonly kernel: string;
  /** How its event is printed, up to the reason. */
  readonly event: string;

  private constructor(guest: Guest, kernel: string, event: string) {
    this.#guest = guest;
    this.kernel = kernel;
    this.event = event;
  }

  /** Boots the guest and builds client, node and pod on it. */
  static async start(image: GuestImage): Promise<GuestLab> {
    const guest = await Guest.boot(image);
    try {
      await guest.run(SET_UP);
      const text = shipped('medic-trace', {
        nonce: NONCE,
        seconds: String(TRACED_SECONDS),
        port: '30080',
        points: `uplink=up0,pod=${POD}`,
      });
      const lines = Buffer.from(text).toString('base64').replaceAll(/.{76}/g, '$&\n');
      await guest.run(`base64 -d >/run/trace.sh <<'END'\n${lines}\nEND`);
      const kernel = await guest.run('echo "$(uname -r) ($(uname -v | grep -o "Debian [^ ]*" | cut -c 8-))"');
      const format = await guest.run(
        'sed -n "s/^print fmt: .\\([^,]*\\) reason:.*/\\1/p" /sys/kernel/tracing/events/skb/kfree_skb/format',
      );
      return new GuestLab(guest, kernel, format);
    } catch (error) {
      await guest.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#guest.close();
  }

  /** Runs a command in the guest. @throws Error where it fails */
  async run(script: string): Promise<string> {
    return await this.#guest.run(script);
  }

  /**
   * Makes a fault for some seconds in the middle of a trace, while a client connects.
   *
   * The fault begins once the kernel's tracing is on and ends long before that is read, so both count the same packets.
   */
  async look({ begin, end }: Fault, tools: Tools = 'tcpdump'): Promise<Seen> {
    const away = { tcpdump: [], python: ['tcpdump'], neither: ['tcpdump', 'python3'] }[tools];
    const out = await this.#guest.run(`cd /run
for name in ${away.join(' ')}; do mv /usr/bin/$name away/; done
timeout 90 sh trace.sh >trace.txt 2>/dev/null &
tries=0
until grep -qsx 1 /sys/kernel/tracing/instances/*/events/skb/kfree_skb/enable || [ $((tries += 1)) -gt 200 ]; do sleep 0.1; done
timeout 60 ip netns exec client /usr/bin/python3.* /opt/client.py ${UPLINK} 30080 ${RATE} ${CONNECTING_SECONDS} >opened.json &
sleep 3
${begin}
sleep 3
${end}
wait
for name in ${away.join(' ')}; do mv away/$name /usr/bin/; done
echo "@@ $(cat dropped)"
gzip -9c opened.json | base64 -w 0
echo
sed '/^=== .* trace-pcap-/,$d' trace.txt | gzip -9c | base64 -w 0`);
    const [, dropped = '', opened = '', traced = ''] = /^@@ (\d*)\n(.*)\n(.*)$/m.exec(out) ?? [];
    const text = unzipped(traced);
    const trace = readTrace(text, NONCE);
    if (trace?.kind !== 'traced') throw new Error(`no trace: ${out.slice(0, 300)} ${text.slice(0, 1000)}`);
    const epoch = Number(/^epoch=(\d+)$/m.exec(text)?.[1]);
    const connections = JSON.parse(unzipped(opened)) as Opened;
    return { trace, truth: truthOf(connections, epoch, trace.seconds), dropped: Number(dropped) };
  }
}

/** The serial line is as slow as one was. */
const unzipped = (text: string): string => gunzipSync(Buffer.from(text, 'base64')).toString('latin1');

/** When each connection began, and how long it took to open, or -1; milliseconds. */
type Opened = readonly (readonly [begun: number, took: number])[];

function truthOf(opened: Opened, epoch: number, seconds: number): Seen['truth'] {
  const counted = opened.filter(([begun]) => begun >= epoch * 1000 && begun < (epoch + seconds) * 1000);
  return {
    connections: counted.length,
    delayed: counted.filter(([, took]) => took < 0 || took >= 900).length,
  };
}
