import type { DiagnosedNode } from '../src/core/diagnosis/diagnose.ts';
import { type PlanReport, planReport } from '../src/core/diagnosis/plan-report.ts';
import { asRaise, changeNumbers, costOf } from '../src/core/plan/kinds.ts';
import { layerMark } from '../src/core/plan/layer-mark.ts';
import { planNode } from '../src/core/plan/plan-raise.ts';
import { snapshotOf } from '../src/core/snapshot/snapshot-of.ts';
import { InputError } from './errors.ts';
import { readInputs } from './input/read-input.ts';
import { areSeveral, type Judged, judged } from './judge.ts';
import { bold, print, printJson } from './output.ts';

interface PlanOptions {
  readonly json?: true;
  readonly peak?: string;
}

/** `medic plan`: what would be done to the node, with its arithmetic, or why nothing; `medic.plan/1` as JSON. */
export async function runPlan(paths: readonly string[], options: PlanOptions): Promise<void> {
  const peak = peakOf(options.peak);
  const inputs = await readInputs(paths.length === 0 ? ['-'] : paths);
  const nodes = judged(inputs, ({ title }) => title);
  const plans = nodes.map((node) => ({ title: node.input.title, ...planOf(node, peak) }));
  if (options.json === true) {
    const reports = plans.map(({ report }) => report);
    return printJson(reports.length === 1 && !areSeveral(inputs) ? reports[0] : reports);
  }
  const texts = plans.map(({ title, diagnosed, report }) => textOf(title, diagnosed, report));
  print(`${texts.join('\n\n')}\n`);
}

function peakOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InputError(`--peak ${text} is no number of entries; give digits only, such as 1200000.`);
}

function planOf(
  { input: { title, capture }, ...found }: Judged,
  peak: number | undefined,
): { diagnosed: DiagnosedNode; report: PlanReport } {
  if (peak === undefined || asRaise(found.plan) === undefined)
    return { diagnosed: found, report: planReport(found, title) };
  const plan = planNode(snapshotOf(capture), title, { peak });
  const diagnosed =
    typeof plan === 'string'
      ? {
          ...found,
          plan: undefined,
          diagnosis: { ...found.diagnosis, offer: { ...found.diagnosis.offer, why: plan } },
        }
      : { ...found, plan };
  return { diagnosed, report: planReport(diagnosed, title) };
}

function textOf(
  title: string,
  { diagnosis }: DiagnosedNode,
  { nodes, digest, declined }: PlanReport,
): string {
  const head = [bold(title), `${diagnosis.headline} (${diagnosis.verdict})`];
  const [plan] = nodes;
  if (plan === undefined) return [...head, `Nothing is changed: ${declined?.why ?? ''}`].join('\n');
  const cost = costOf(plan);
  return [
    ...head,
    `${changeNumbers(plan)}${cost === undefined ? '' : `: ${cost}`}`,
    ...section('How the numbers were found', plan.arithmetic),
    ...section(
      'What the change survives',
      plan.layers.map((one) => `${layerMark(one)} ${one.layer}: ${one.how}`),
    ),
    ...section('Mind', plan.warnings),
    `digest ${digest ?? ''}`,
  ].join('\n');
}

function section(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [bold(heading), ...lines.map((line) => `  ${line}`)];
}
