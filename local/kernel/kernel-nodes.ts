import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { counted } from '../../src/core/words.ts';
import type { DemoNodes, DemoNodesOptions, RollbackEvidence } from '../demo-nodes.ts';
import { recordClient } from './client-record.ts';
import { describeClient, type HealingFacts, judgeHealing } from './healing.ts';
import { kernelNode } from './kernel-node.ts';
import { readCount, readKernelValues } from './kernel-values.ts';
import { type KernelLab, startLab } from './lab.ts';
import { CLIENT_LAG_MS, type ClientView, settledView, untilNoticed, WATCH_MS } from './live-client.ts';
import { type NodeRoot, openNodeRoot } from './node-root.ts';

/**
 * The sick values. 350 connections a second that are tracked for 18 s on average (up to 8 s open, then 14 s TIME_WAIT)
 * need 6,300 entries, with the kernel's late clean-up 8,700: twice this limit, and 0.53 of the fourfold limit that one
 * click gives.
 */
const SICK = { max: 4096, buckets: 4096, timeWaitSeconds: 14 };
const CONNECTIONS_PER_SECOND = 350;
const HOLD_SECONDS = 8;

/** Where the scripts note which incidents they have rolled back; these notes stay on purpose. */
const BOOKKEEPING = /^\/(var\/lib|run)\/conntrack-medic\//;

const SETTLE_MS = 2000;

/** The kernel's nodes: with them a demo can end the load and judge a rollback, too. */
export interface KernelDemoNodes extends DemoNodes {
  stopLoad(): Promise<readonly string[]>;
  evidenceOfRollback(): Promise<RollbackEvidence>;
}

/**
 * Makes the fault on this machine's own kernel; resolves when packets are dropped and users notice.
 * @throws Error with one sentence when the machine is not fit for it; it is restored then
 */
export async function kernelNodes(options: DemoNodesOptions): Promise<KernelDemoNodes> {
  const lab = await startLab(SICK);
  let root: NodeRoot | undefined;
  const endRecord = recordClient(lab.client, join(options.workDir, 'evidence'), CLIENT_LAG_MS);
  const close = async (): Promise<void> => {
    await endRecord();
    await root?.end();
    await lab.stop();
  };
  try {
    if (lab.repaired) options.say('An earlier demo had been killed; the machine was repaired first.');
    root = await openNodeRoot();
    lab.ownMountNamespace(root.mountNamespace);
    options.say(
      `${CONNECTIONS_PER_SECOND} new connections a second against a table of ${SICK.max} entries …`,
    );
    options.say(
      'The load ends by itself after 5 minutes, and the machine is restored after 15 at the latest.',
    );
    await lab.startLoad(CONNECTIONS_PER_SECOND, HOLD_SECONDS);
    await waitForFault(lab);
    return demoNodesOf(lab, root, close);
  } catch (error) {
    await close();
    throw error;
  }
}

const waitForFault = (lab: KernelLab): Promise<void> =>
  untilNoticed(
    lab.client,
    ({ attempts, failures, p99Ms }, now) =>
      (failures > attempts / 10 || (failures > 0 && (p99Ms ?? 0) > 900)) &&
      lab.drops.between(now - WATCH_MS, now) > 100,
    'The table did not fill',
  );

function demoNodesOf(lab: KernelLab, root: NodeRoot, close: () => Promise<void>): KernelDemoNodes {
  let clientBefore: ClientView | undefined;
  const filesBefore = new Map(
    root.changedFiles().map(({ path, content }) => [path, content?.toString('base64')]),
  );
  return {
    label: 'this machine’s own kernel: a real full table, a real raise',
    nodes: [kernelNode(root)],
    alarm: {
      name: 'kernel-demo-connect-latency-p99',
      reason:
        'Threshold Crossed: 3 out of the last 3 datapoints [1.03, 1.02, 1.01] were greater than the threshold (0.5).',
    },
    before: async () => {
      const now = Date.now();
      clientBefore = settledView(lab.client, now);
      const { max, buckets } = readKernelValues();
      return [
        `${readCount()} of ${max} entries, ${buckets} buckets, ${lab.drops.between(now - WATCH_MS, now)} packets dropped in ${WATCH_MS / 1000} s (kernel counter)`,
        `live client: ${describeClient(clientBefore)}`,
      ];
    },
    evidenceOfHealing: async (clickedAt) =>
      judgeHealing(await healingFacts(lab, root, clientBefore, clickedAt)),
    stopLoad: async () => {
      await lab.stopLoad();
      const allowed = 0.8 * SICK.max;
      const deadline = Date.now() + 120_000;
      while (readCount() >= allowed && Date.now() < deadline) await sleep(500);
      return [
        `load ended; ${counted(readCount(), 'entry')} left, a rollback is allowed below ${Math.floor(allowed)}`,
      ];
    },
    evidenceOfRollback: async () => {
      const { max } = readKernelValues();
      const changed = root
        .changedFiles()
        .filter(({ path }) => !BOOKKEEPING.test(path))
        .filter(({ path, content }) => filesBefore.get(path) !== content?.toString('base64'))
        .map(({ path }) => path);
      const lines = [
        `${max === SICK.max ? '✓' : '✗'} nf_conntrack_max is ${max} again in the running kernel`,
        `${changed.length === 0 ? '✓' : '✗'} ${changed.length === 0 ? 'every file of the node is as before, byte for byte' : `files that differ: ${changed.join(', ')}`}`,
      ];
      return { restored: max === SICK.max && changed.length === 0, lines };
    },
    close,
  };
}

async function healingFacts(
  lab: KernelLab,
  root: NodeRoot,
  clientBefore: ClientView | undefined,
  clickedAt: number | undefined,
): Promise<HealingFacts> {
  const raisedAt = lab.drops.raisedAt();
  const from = (raisedAt ?? Date.now()) + SETTLE_MS;
  await sleep(Math.max(0, from + WATCH_MS + CLIENT_LAG_MS + 1000 - Date.now()));
  const now = Date.now();
  const lastDropAt = lab.drops.lastDropAt() ?? 0;
  const { max } = readKernelValues();
  return {
    limit: { before: SICK.max, after: max },
    count: readCount(),
    lastDropAfterRaiseMs: raisedAt === undefined ? undefined : lastDropAt - raisedAt,
    lastDropAfterClickMs:
      raisedAt === undefined || clickedAt === undefined ? undefined : lastDropAt - clickedAt,
    drops: lab.drops.between(from, now),
    watchedSeconds: (now - from) / 1000,
    client: {
      before: clientBefore ?? { attempts: 0, failures: 0, medianMs: undefined, p99Ms: undefined },
      after: settledView(lab.client, now),
    },
    files: root.changedFiles().flatMap(({ path, content }) => {
      const set = /^\s*net\.netfilter\.nf_conntrack_max\s*=\s*(\d+)/m.exec(content?.toString() ?? '')?.[1];
      return path.startsWith('/etc/sysctl.d/') && set !== undefined ? [{ path, max: Number(set) }] : [];
    }),
  };
}
