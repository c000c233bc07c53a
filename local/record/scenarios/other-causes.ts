import { setTimeout as sleep } from 'node:timers/promises';
import { command } from '../../kernel/command.ts';
import { readKernelValues, writeKernelValues } from '../../kernel/kernel-values.ts';
import { LAB_ADDRESSES, LAB_TABLE, POD_PORT } from '../../kernel/lab-rules.ts';
import type { Scenario } from '../scenario.ts';
import { untilCount } from '../wait.ts';

const PROCESSES = `${import.meta.dirname}/../processes`;

/** Port of the helpers that are reached beside the NodePort. */
const SIDE_PORT = 8081;

/** Rules in a chain between port selection (srcnat) and the confirm at the end of POSTROUTING. */
const SLOW_POSTROUTING_RULES = 600;

const PAIRS_PER_SECOND = 300;

/** Connection trouble that a higher limit does not cure. */
export const otherCauses: readonly Scenario[] = [
  {
    name: 'listen-overflow',
    values: { max: 262_144, buckets: 262_144, timeWaitSeconds: 120 },
    run: async (lab, { keep }) => {
      await lab.startHelper('node', `${PROCESSES}/slow-server.ts`, [LAB_ADDRESSES.node, SIDE_PORT]);
      await lab.startHelper('client', 'load.ts', [LAB_ADDRESSES.node, SIDE_PORT, 60, 0]);
      await sleep(5000);
      await keep({
        folder: 'listen-overflow/busy-event-loop',
        how: 'A server on the node with a backlog of 5 whose event loop is blocked for half a second at a time, and 60 new connections a second.',
        expected: { verdict: 'listen-overflow', raise: false },
      });
    },
  },
  {
    name: 'snat-race',
    values: { max: 262_144, buckets: 262_144, timeWaitSeconds: 120 },
    run: async (lab, { keep }) => {
      const rules = Array.from(
        { length: SLOW_POSTROUTING_RULES },
        (_, index) => `ip saddr 203.0.113.${index % 256} tcp sport ${1024 + index} accept`,
      );
      await command(
        'nft',
        ['-f', '-'],
        `table inet ${LAB_TABLE} { chain long_rule_set { type filter hook postrouting priority srcnat + 50; policy accept;\n${rules.join('\n')}\n}\n}\n`,
      );
      const start = process.hrtime.bigint() + 5_000_000_000n;
      for (const client of LAB_ADDRESSES.clients.slice(0, 2))
        await lab.startHelper('client', `${PROCESSES}/same-port.ts`, [
          client,
          LAB_ADDRESSES.pods[0],
          POD_PORT,
          String(start),
          PAIRS_PER_SECOND,
        ]);
      await sleep(6000);
      await keep({
        folder: 'snat-race/same-port-pairs',
        how: `Two clients connect to one pod at the same instant from the same source port; MASQUERADE picks that port for both. A chain of ${SLOW_POSTROUTING_RULES} rules lies between the choice of the port and the insert, as on nodes with long rule sets.`,
        expected: { verdict: 'snat-race', acceptable: ['dns-race', 'snat-ports-exhausted'], raise: false },
      });
    },
  },
  {
    name: 'hash-chains',
    values: { max: 131_072, buckets: 32_768, timeWaitSeconds: 120 },
    run: async (lab, { keep }) => {
      await lab.startLoad(1200, 0);
      await untilCount(26_500);
      await lab.stopLoad();
      await lab.startLoad(150, 0);
      writeKernelValues({ ...readKernelValues(), buckets: 1024 });
      await sleep(1000);
      await keep({
        folder: 'hash-chains-long/one-thousand-buckets',
        how: '26,500 entries in 1,024 buckets and 150 new connections a second; the limit is far away.',
        expected: { verdict: 'hash-chains-long', raise: false },
      });
    },
  },
  {
    name: 'pod-table',
    values: { max: 4096, buckets: 32_768, timeWaitSeconds: 120 },
    run: async (lab, { keep }) => {
      await command('nft', [
        'insert',
        'rule',
        'inet',
        LAB_TABLE,
        'untracked_in',
        'tcp',
        'dport',
        `${SIDE_PORT}`,
        'notrack',
      ]);
      await command('nft', [
        'insert',
        'rule',
        'inet',
        LAB_TABLE,
        'untracked_in',
        'tcp',
        'sport',
        `${SIDE_PORT}`,
        'notrack',
      ]);
      await lab.inNamespace('pod', [
        'nft',
        'table inet mesh { chain in { type filter hook input priority 0; ct state new accept; }; }',
      ]);
      await lab.startHelper('pod', 'pod-server.ts', [SIDE_PORT]);
      await lab.startHelper('client', 'load.ts', [LAB_ADDRESSES.pods[0], SIDE_PORT, 500, 0]);
      await sleep(14_000);
      await keep({
        folder: 'netns-table-full/pod-with-own-rules',
        how: 'A pod that tracks connections in its own network namespace, as a service mesh makes it do, overflows nf_conntrack_max 4,096; the traffic is not tracked on the node, whose own table is nearly empty.',
        expected: { verdict: 'netns-table-full', raise: false },
      });
    },
  },
];
