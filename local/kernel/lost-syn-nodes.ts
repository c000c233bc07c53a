import type { DemoNodes, DemoNodesOptions } from '../demo-nodes.ts';
import { command } from './command.ts';
import { describeClient } from './healing.ts';
import { kernelNode } from './kernel-node.ts';
import { readKernelValues } from './kernel-values.ts';
import { type KernelLab, startLab } from './lab.ts';
import { labNames } from './lab-network.ts';
import { LAB_ADDRESSES, LAB_TABLE } from './lab-rules.ts';
import { settledView, untilNoticed } from './live-client.ts';
import { type NodeRoot, openNodeRoot } from './node-root.ts';

/** So many of a hundred SYNs are dropped. */
const LOST_SHARE = 15;
const CONNECTIONS_PER_SECOND = 60;
const HOLD_SECONDS = 1;

/** Where the scripts note what they do; a trace leaves its lock there. */
const BOOKKEEPING = /^\/(var\/lib|run)\/conntrack-medic\//;

/**
 * Has a rule of nftables drop some of the SYNs on their way through this machine, in the lab's own table, which goes with the lab;
 * resolves when clients notice.
 * @throws Error with one sentence when the machine is not fit for it; it is restored then
 */
export async function lostSynNodes(options: DemoNodesOptions): Promise<DemoNodes> {
  const before = readKernelValues();
  const lab = await startLab(before);
  let root: NodeRoot | undefined;
  const close = async (): Promise<void> => {
    await root?.end();
    await lab.stop();
  };
  try {
    root = await openNodeRoot();
    lab.ownMountNamespace(root.mountNamespace);
    const { client } = labNames(lab.id).interfaces;
    options.say(`a rule of nftables drops ${LOST_SHARE} of 100 SYNs on their way to the pod …`);
    options.say(
      'The load ends by itself after 5 minutes, and the machine is restored after 15 at the latest.',
    );
    await command('nft', ['-f', '-'], ruleOn(client));
    await lab.startLoad(CONNECTIONS_PER_SECOND, HOLD_SECONDS);
    await waitForClients(lab);
    return demoNodesOf(lab, root, close);
  } catch (error) {
    await close();
    throw error;
  }
}

const ruleOn = (link: string): string => `table inet ${LAB_TABLE} {
  chain lost {
    type filter hook forward priority filter; policy accept;
    iifname "${link}" tcp flags & (syn | ack) == syn numgen random mod 100 < ${LOST_SHARE} drop
  }
}
`;

const waitForClients = (lab: KernelLab): Promise<void> =>
  untilNoticed(lab.client, ({ p99Ms }) => (p99Ms ?? 0) > 900, 'No client has waited');

function demoNodesOf(lab: KernelLab, root: NodeRoot, close: () => Promise<void>): DemoNodes {
  const valuesBefore = JSON.stringify(readKernelValues());
  const { client } = labNames(lab.id).interfaces;
  return {
    label: 'this machine’s own kernel: a real rule that drops SYNs, a real trace',
    // The clients' link is the uplink of this node: it has no driver by which a script would find it.
    nodes: [kernelNode(root, `uplink=${client},pod=${LAB_ADDRESSES.pods[0]}`)],
    alarm: {
      name: 'kernel-demo-connect-latency-p99',
      reason:
        'Threshold Crossed: 3 out of the last 3 datapoints [1.03, 1.02, 1.01] were greater than the threshold (0.5).',
    },
    before: async () => [`live client: ${describeClient(settledView(lab.client, Date.now()))}`],
    evidenceOfHealing: async () => ({ healed: false, lines: ['nothing is changed here'] }),
    evidenceOfNoChange: async () => {
      const isSame = JSON.stringify(readKernelValues()) === valuesBefore;
      const files = root.changedFiles().filter(({ path }) => !BOOKKEEPING.test(path));
      return {
        healed: isSame && files.length === 0,
        lines: [
          `${isSame ? '✓' : '✗'} the kernel's values are as before`,
          `${files.length === 0 ? '✓' : '✗'} ${files.length === 0 ? 'no file of the node was written' : `files that differ: ${files.map(({ path }) => path).join(', ')}`}`,
        ],
      };
    },
    close,
  };
}
