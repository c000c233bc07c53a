import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildForDemo } from '../../local/demo/build.ts';
import { type LocalService, startService } from '../../local/demo/service.ts';
import { openWorkDir } from '../../local/demo/work-dir.ts';
import { command } from '../../local/kernel/command.ts';
import { kernelNode } from '../../local/kernel/kernel-node.ts';
import { readKernelValues, writeKernelValues } from '../../local/kernel/kernel-values.ts';
import { startLab } from '../../local/kernel/lab.ts';
import { type NodeRoot, openNodeRoot } from '../../local/kernel/node-root.ts';
import type { Scenario } from '../../local/record/scenario.ts';
import { udpServices } from '../../local/record/scenarios/udp-services.ts';
import type { LocalNode } from '../../local/ssm/local-node.ts';
import { machineState } from './support/machine-state.ts';
import { Patient } from './support/patient.ts';
import { until } from './support/until.ts';

const isWanted = process.env['MEDIC_KERNEL'] === '1';
if (!isWanted)
  console.log('skipped: faults on the real kernel change this machine; MEDIC_KERNEL=1 runs them');

type Fault = Pick<Scenario, 'values' | 'run'>;

/** Destination of the made-up entries (RFC 5737, for documentation). */
const NOBODY = '203.0.113.251';

/** Entries that outlive the test, in so few buckets that the kernel refuses more; new connections go on. */
const longChains: Fault = {
  values: { max: 131_072, buckets: 1_024, timeWaitSeconds: 120 },
  run: async (lab, { keep }) => {
    const entry = (index: number) =>
      `-I -p udp -t 280 -s 203.0.113.${index % 250} -d ${NOBODY} --sport ${1_024 + Math.floor(index / 250)} --dport 9 -r ${NOBODY} -q 203.0.113.${index % 250} --reply-port-src 9 --reply-port-dst ${1_024 + Math.floor(index / 250)}`;
    const file = join(await openWorkDir(), 'entries');
    await writeFile(file, Array.from({ length: ENTRIES }, (_, index) => `${entry(index)}\n`).join(''));
    writeKernelValues({ ...readKernelValues(), buckets: 32_768 });
    await command('conntrack', ['-R', file]);
    writeKernelValues({ ...readKernelValues(), buckets: 1_024 });
    await rm(dirname(file), { recursive: true });
    try {
      await lab.startLoad(150, 0);
      await keep({ folder: '', how: '', expected: { verdict: 'hash-chains-long', raise: false } });
    } finally {
      await command('conntrack', ['-D', '-p', 'udp', '--orig-dst', NOBODY]);
    }
  },
};

/** 33 in each of 1,024 buckets, each there twice: the chain limit is 50 to 79 (nf_conntrack_core.c, MIN_CHAINLEN). */
const ENTRIES = 34_000;

/** Makes a fault and treats it on this machine as the node. */
async function withFault(
  name: string,
  fault: Fault | undefined,
  treat: (it: Patient<LocalNode>, root: NodeRoot) => Promise<void>,
): Promise<void> {
  if (fault === undefined) throw new Error(`There is no fault ${name}.`);
  const lab = await startLab(fault.values);
  const workDir = await openWorkDir();
  let root: NodeRoot | undefined;
  let service: LocalService | undefined;
  try {
    root = await openNodeRoot();
    lab.ownMountNamespace(root.mountNamespace);
    const own = root;
    const node = kernelNode(own);
    service = await startService({
      nodes: {
        label: 'this machine',
        nodes: [node],
        alarm: { name, reason: '' },
        before: async () => [],
        evidenceOfHealing: async () => ({ healed: false, lines: [] }),
        close: async () => {},
      },
      workDir,
      port: 0,
      onFailure: (why) => console.error(why),
    });
    const it = new Patient(service, name, [node]);
    const unused = () => Promise.reject(new Error('Only the fault is wanted.'));
    await fault.run(lab, { keep: () => treat(it, own), raise: unused, rollBack: unused });
  } finally {
    await service?.close();
    await root?.end();
    await lab.stop();
    await rm(workDir, { recursive: true, force: true });
  }
}

const ourFiles = (root: NodeRoot): readonly string[] =>
  root
    .changedFiles()
    .flatMap(({ path, content }) =>
      content !== undefined && path.startsWith('/etc/sysctl.d/') ? [content.toString()] : [],
    );

describe.skipIf(!isWanted)('on the real kernel', { timeout: 240_000 }, () => {
  beforeAll(() => buildForDemo());

  test('one click gives a table with long chains its buckets, and packets get through', async () => {
    const before = machineState();
    await withFault('hash-chains', longChains, async (it, root) => {
      const { plan } = await it.fallIll();
      expect(plan?.nodes).toMatchObject([{ kind: 'raise-buckets', changes: [{ from: 1_024, to: 131_072 }] }]);
      await it.press('apply-one');
      const head = await it.reach('resolved');
      expect(head.remediations).toMatchObject([{ outcome: 'changed', verification: { passed: true } }]);
      expect(readKernelValues()).toMatchObject({ buckets: 131_072, max: 131_072 });
      expect(ourFiles(root).join('\n')).toContain('nf_conntrack_buckets = 131072');
      await it.press('rollback');
      await it.reach('rolled-back');
      expect(readKernelValues().buckets).toBe(131_072);
      expect(ourFiles(root)).toEqual([]);
    });
    expect(machineState()).toEqual(before);
  });

  test('one click frees a UDP flow from the backend that is gone, and its next packet goes to the new one', async () => {
    const before = machineState();
    const fault = udpServices.find(({ name }) => name === 'stale-udp');
    await withFault('stale-udp', fault, async (it) => {
      const { plan } = await it.fallIll();
      expect(plan?.nodes).toMatchObject([
        { kind: 'delete-udp-entries', destination: '198.18.0.1', port: 30_125, target: '198.18.1.2' },
      ]);
      await it.press('apply-one');
      const head = await it.reach('resolved');
      expect(head.remediations).toMatchObject([
        { outcome: 'changed', deleted: 1, verification: { passed: true } },
      ]);
      let left = '';
      // The sender's next packet makes the new entry; on a busy machine that may take a while.
      await until(
        async () => {
          left = await command('conntrack', ['-L', '-p', 'udp', '--orig-port-dst', '30125']);
          return left.includes('src=198.18.1.3 ');
        },
        () => `No packet went to the new backend: ${left}`,
      );
      expect(left).not.toContain('src=198.18.1.2 ');
    });
    expect(machineState()).toEqual(before);
  });
});
