import { setTimeout as sleep } from 'node:timers/promises';
import { command } from '../../kernel/command.ts';
import type { KernelLab } from '../../kernel/lab.ts';
import { LAB_ADDRESSES, LAB_TABLE } from '../../kernel/lab-rules.ts';
import type { Scenario } from '../scenario.ts';
import { untilUdpEntries } from '../wait.ts';

const PROCESSES = `${import.meta.dirname}/../processes`;

/** Port of the UDP service on the node, and the backends' port behind it. */
const SERVICE_PORT = 30_125;
const BACKEND_PORT = 8125;
const [FIRST, SECOND] = LAB_ADDRESSES.pods;

const VALUES = { max: 262_144, buckets: 262_144, timeWaitSeconds: 120 };

/** Sends the service to one backend, in place of what was there. */
async function sendTo(backend: string): Promise<void> {
  await command(
    'nft',
    ['-f', '-'],
    `table inet ${LAB_TABLE} {
  chain udp_service { type nat hook prerouting priority dstnat - 1; policy accept; }
}
flush chain inet ${LAB_TABLE} udp_service
add rule inet ${LAB_TABLE} udp_service udp dport ${SERVICE_PORT} dnat ip to ${backend}:${BACKEND_PORT}
`,
  );
}

async function startService(lab: KernelLab): Promise<void> {
  await sendTo(FIRST);
  await lab.startHelper('pod', `${PROCESSES}/udp-echo.ts`, [`${FIRST},${SECOND}`, BACKEND_PORT]);
  await lab.startHelper('client', `${PROCESSES}/udp-sender.ts`, [
    LAB_ADDRESSES.clients[0],
    LAB_ADDRESSES.node,
    SERVICE_PORT,
  ]);
  // From two seconds on, answered in that time too, the kernel takes a flow for a stream (nf_conntrack_proto_udp.c).
  await untilUdpEntries(
    SERVICE_PORT,
    (list) => list.includes(`src=${FIRST} `) && list.includes('[ASSURED]'),
    'the UDP service was never answered for long enough',
  );
}

/** A UDP service whose client never changes its port: as it should be, and after its backend was replaced. */
export const udpServices: readonly Scenario[] = [
  {
    name: 'udp-service',
    values: VALUES,
    run: async (lab, { keep }) => {
      await startService(lab);
      await keep({
        folder: 'not-the-node/udp-service',
        how: 'A UDP service through DNAT with one client that never changes its port; the rule names the backend that its entry points at.',
        expected: { verdict: 'not-the-node', raise: false },
      });
    },
  },
  {
    name: 'stale-udp',
    values: VALUES,
    run: async (lab, { keep }) => {
      await startService(lab);
      await sendTo(SECOND);
      await sleep(1000);
      await keep({
        folder: 'stale-udp-entry/backend-replaced',
        how: 'The rule of a UDP service was pointed at another backend while a client kept sending from one port: its entry keeps the old backend.',
        expected: { verdict: 'stale-udp-entry', raise: false, change: 'delete-udp-entries' },
      });
    },
  },
];
