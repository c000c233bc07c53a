import { catalogue } from '../runbooks/index.ts';
import { diagnose } from '../src/core/diagnosis/diagnose.ts';
import { diagnosePaste } from '../src/core/diagnosis/single-reading/diagnose-paste.ts';
import { splitNextCommand } from '../src/core/diagnosis/single-reading/next-command.ts';
import type { Diagnosis } from '../src/core/record/diagnosis.ts';
import { snapshotOf } from '../src/core/snapshot/snapshot-of.ts';
import { bundleReport } from './bundle/report.ts';
import type { BundleFacts, Input } from './input.ts';
import { bold, print, printJson } from './output.ts';
import { pasteReport } from './paste-report.ts';
import { readInputs } from './read-input.ts';
import { reportOf } from './report.ts';

/** `medic diagnose`: the verdict on what was given, as text for people or as `medic.diagnosis/1` JSON. */
export async function runDiagnose(paths: readonly string[], options: { json?: true }): Promise<void> {
  const inputs = await readInputs(paths.length === 0 ? ['-'] : paths);
  if (options.json === true)
    printJson(...inputs.map((input) => named(diagnosisOf(input), input, inputs.length)));
  else print(`${inputs.map(textOf).join('\n\n')}\n`);
}

const NODE = 'this node';

/** Of several, each says whose it is. */
const named = (diagnosis: Diagnosis, { title }: Input, count: number): Diagnosis =>
  count === 1 || diagnosis.node !== undefined ? diagnosis : { ...diagnosis, node: title };

function diagnosisOf({ capture, paste, bundle }: Input): Diagnosis {
  const node = bundle === undefined || bundle.node === '' ? NODE : bundle.node;
  const { diagnosis } =
    paste === undefined
      ? diagnose(snapshotOf(capture), catalogue, node)
      : diagnosePaste(capture, catalogue, node);
  if (bundle === undefined) return diagnosis;
  const gaps = [...diagnosis.gaps, ...gapsOf(bundle)];
  return bundle.node === '' ? { ...diagnosis, gaps } : { ...diagnosis, node, gaps };
}

/** What the files of a bundle leave open. */
function gapsOf({ kind = 'a bundle', missing, notes }: BundleFacts): readonly string[] {
  const absent = missing.map((file) => `${file}: not in this bundle, although ${kind} usually has it`);
  return [...absent, ...notes];
}

function textOf({ title, capture, paste, bundle }: Input): string {
  const files = bundle === undefined ? [] : [bundleReport(bundle)];
  if (paste === undefined)
    return [
      reportOf(diagnose(snapshotOf(capture), catalogue, NODE).diagnosis, catalogue, title),
      ...files,
    ].join('\n\n');
  const { diagnosis, catalogue: judged } = diagnosePaste(capture, catalogue, NODE);
  const { gaps, next } = splitNextCommand(diagnosis.gaps);
  return [
    reportOf({ ...diagnosis, gaps: [...gaps] }, judged, title),
    ...(bundle === undefined ? [pasteReport(paste)] : files),
    ...(next === undefined
      ? []
      : [
          `${bold('To find out, run this on the node and paste what it prints')}\n${next.command}\nIt tells ${next.tells}.`,
        ]),
  ].join('\n\n');
}
