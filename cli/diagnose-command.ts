import { severalHostsLine } from '../src/core/diagnosis/single-reading/diagnose-hosts.ts';
import { splitNextCommand } from '../src/core/diagnosis/single-reading/next-command.ts';
import type { Diagnosis } from '../src/core/record/diagnosis.ts';
import { bundleReport } from './bundle/report.ts';
import type { BundleFacts, Input } from './input/input.ts';
import { readInputs } from './input/read-input.ts';
import { areSeveral, type Judged, judged } from './judge.ts';
import { bold, print, printJson } from './output.ts';
import { pasteReport } from './paste-report.ts';
import { reportOf } from './report.ts';
import { packetReport } from './trace/inputs.ts';

/**
 * `medic diagnose`: the verdict on what was given, as text for people or as `medic.diagnosis/1` JSON; of several nodes one
 * verdict each, in JSON as one array, those of a text or bundle with the most severe first.
 */
export async function runDiagnose(paths: readonly string[], options: { json?: true }): Promise<void> {
  const packets = packetReport(paths);
  if (packets !== undefined)
    return options.json === true ? printJson(packets.json) : print(`${packets.text}\n`);
  const inputs = await readInputs(paths.length === 0 ? ['-'] : paths);
  const nodes = judged(inputs, nodeOf);
  const isSeveral = areSeveral(inputs);
  if (options.json === true) {
    const diagnoses = nodes.map((node) => named(diagnosisOf(node), node.input, nodes.length));
    return printJson(nodes.length === 1 && !isSeveral ? diagnoses[0] : diagnoses);
  }
  const line = isSeveral
    ? severalHostsLine(nodes.map(({ input, diagnosis }) => ({ title: input.title, diagnosis })))
    : undefined;
  const texts = nodes.map(textOf);
  print(`${[...(line === undefined ? [] : [line]), ...texts, ...nextSteps(nodes)].join('\n\n')}\n`);
}

const nodeOf = ({ bundle }: Input): string =>
  bundle === undefined || bundle.node === '' ? 'this node' : bundle.node;

/** Of several, each says whose it is. */
const named = (diagnosis: Diagnosis, { title, oneOf }: Input, count: number): Diagnosis =>
  count === 1 || diagnosis.node !== undefined ? diagnosis : { ...diagnosis, node: oneOf?.node ?? title };

function diagnosisOf({ diagnosis, input: { bundle } }: Judged): Diagnosis {
  if (bundle === undefined) return diagnosis;
  const gaps = [...diagnosis.gaps, ...gapsOf(bundle)];
  return bundle.node === '' ? { ...diagnosis, gaps } : { ...diagnosis, node: bundle.node, gaps };
}

/** What the files of a bundle leave open. */
function gapsOf({ kind = 'a bundle', missing, notes }: BundleFacts): readonly string[] {
  const absent = missing.map((file) => `${file}: not in this bundle, although ${kind} usually has it`);
  return [...absent, ...notes];
}

function textOf({ input: { title, paste, bundle }, diagnosis, catalogue }: Judged): string {
  const files = bundle === undefined ? [] : [bundleReport(bundle)];
  if (paste === undefined) return [reportOf(diagnosis, catalogue, title), ...files].join('\n\n');
  const { gaps } = splitNextCommand(diagnosis.gaps);
  return [
    reportOf({ ...diagnosis, gaps: [...gaps] }, catalogue, title),
    ...(bundle === undefined ? [pasteReport(paste)] : files),
  ].join('\n\n');
}

/** What to run next, once for all nodes that it would settle. */
function nextSteps(nodes: readonly Judged[]): readonly string[] {
  const steps = nodes.flatMap(({ input, diagnosis }) => {
    const { next } = splitNextCommand(diagnosis.gaps);
    return input.paste === undefined || next === undefined
      ? []
      : [
          `${bold('To find out, run this on the node and paste what it prints')}\n${next.command}\nIt tells ${next.tells}.`,
        ];
  });
  return [...new Set(steps)];
}
