import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { printable } from '../../src/core/printable.mjs';
import { command } from '../kernel/command.ts';
import { readKernelValues } from '../kernel/kernel-values.ts';
import { startLab } from '../kernel/lab.ts';
import { type NodeRoot, openNodeRoot } from '../kernel/node-root.ts';
import { runDocument } from './collector.ts';
import type { CaseDescription, Recorder, Scenario } from './scenario.ts';
import { otherCauses } from './scenarios/other-causes.ts';
import { sickNodes } from './scenarios/sick-nodes.ts';
import { udpServices } from './scenarios/udp-services.ts';
import { underPressure } from './scenarios/under-pressure.ts';

const PROJECT = join(import.meta.dirname, '..', '..');
const FIXTURES = join(PROJECT, 'test', 'fixtures', 'captures');
const REPLAYED = join(PROJECT, 'local', 'recorded', 'captures');

/** Healthy ones first: the kernel log of a later case shows the faults of the earlier ones. */
const SCENARIOS: readonly Scenario[] = [...underPressure, ...udpServices, ...otherCauses, ...sickNodes];

function recorderOf(root: NodeRoot): Recorder {
  const collect = () => runDocument(root, 'medic-collect', { sampleSeconds: '10' });
  return {
    keep: async (description) => {
      writeCase(description, await collect());
      if (description.replayedAs !== undefined)
        write(join(REPLAYED, `${description.replayedAs}.txt`), await collect());
    },
    raise: async (incident, to) => {
      const from = readKernelValues();
      await runDocument(root, 'medic-raise', {
        incident,
        mode: 'exact',
        fromMax: String(from.max),
        toMax: String(to.max),
        fromBuckets: String(from.buckets),
        toBuckets: String(to.buckets),
      });
    },
    rollBack: async (incident) => {
      await runDocument(root, 'medic-rollback', { incident });
    },
  };
}

function writeCase({ folder, how, expected }: CaseDescription, capture: string): void {
  write(join(FIXTURES, folder, 'capture.txt'), capture);
  const file = join(FIXTURES, folder, 'case.json');
  const about = {
    origin:
      'recorded with this project’s collector in its own kernel lab (npm run record), initial network namespace',
    kernel: release(),
    how,
    expected,
    // What each failure mode is in a capture is judged by a person; a new recording keeps the judgement of the old one.
    modes: judgedModes(file),
    redactions: 'none',
  };
  write(file, `${JSON.stringify(about, null, 2)}\n`);
}

function judgedModes(file: string): unknown {
  if (!existsSync(file)) return { present: [], absent: [], unknown: [] };
  return z.looseObject({ modes: z.unknown() }).parse(JSON.parse(readFileSync(file, 'utf8'))).modes;
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

async function record(scenario: Scenario, clearsLog: boolean): Promise<void> {
  if (clearsLog) {
    await command('dmesg', ['--clear']);
    // The first line tells how far back a log reaches.
    writeFileSync('/dev/kmsg', 'capture lab: the log was cleared here\n');
  }
  const lab = await startLab(scenario.values);
  let root: NodeRoot | undefined;
  try {
    root = await openNodeRoot();
    lab.ownMountNamespace(root.mountNamespace);
    await scenario.run(lab, recorderOf(root));
  } finally {
    await root?.end();
    await lab.stop();
  }
}

async function main(): Promise<void> {
  const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
  const unknown = names.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name));
  if (unknown.length > 0)
    throw new Error(
      `No scenario ${unknown.join(', ')}; there are ${SCENARIOS.map(({ name }) => name).join(', ')}.`,
    );
  // Old lines of the kernel log are part of a capture, so a clean recording starts with an empty log.
  const clearsLog = process.argv.includes('--clear-kernel-log');
  for (const scenario of SCENARIOS.filter(({ name }) => names.length === 0 || names.includes(name))) {
    process.stdout.write(`recording ${scenario.name} …\n`);
    await record(scenario, clearsLog);
  }
}

// A signal ends this process at once; the lab's watchdog restores the machine.
await main().catch((error: unknown) => {
  process.stderr.write(`${printable(error instanceof Error ? error.message : String(error))}\n`);
  process.exitCode = 1;
});
