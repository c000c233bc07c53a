import { catalogue } from '../../runbooks/index.ts';
import { shortName } from '../../src/core/pod-name.ts';
import { connectTimesOf } from '../../src/core/trace/connect-times.ts';
import type { Fate } from '../../src/core/trace/fate.ts';
import { type Names, namesOf } from '../../src/core/trace/names.ts';
import type { Point, Trace } from '../../src/core/trace/output.ts';
import { pathOf, pathSentence } from '../../src/core/trace/path.ts';
import { consequencesOf, sentencesOf, summaryOf, tellingDrops } from '../../src/core/trace/summary.ts';
import { counted, show } from '../../src/core/words.ts';
import { bold } from '../output.ts';

/** What the JSON of a trace is called. */
const SCHEMA = 'medic.trace/1';

/** How each rung is told. */
const RUNGS: Readonly<Record<Trace['rung'], string>> = {
  tcpdump: 'packets read by tcpdump',
  python: 'packets read by Python',
  kfree_skb: 'what the kernel freed, without packets',
  counters: 'counters alone, without packets',
};

/** A trace for people. */
export function traceReport(trace: Trace, title: string): string {
  const names = namesOf(trace);
  const head = bold(`${title}: ${show(trace.seconds)} s, ${RUNGS[trace.rung]}`);
  const points = trace.points.map(
    (point) => `- ${point.place} ${point.interfaceName}${ofPod(point, trace.pods)}`,
  );
  const moved = trace.counters
    .filter(({ before, after }) => after !== before)
    .map(({ where, name, before, after }) => `- ${where} ${name}: ${show(before)} to ${show(after)}`);
  const drops = tellingDrops(trace.drops ?? []).map(
    ({ place, reason, count }) => `- ${place}, ${reason}: ${counted(count, 'packet')}`,
  );
  return [
    [head, ...sentencesOf(trace, names)].join('\n'),
    ...part('First SYNs', trace.fates === undefined ? [] : [pathSentence(pathOf(trace.fates))]),
    ...verdicts(trace.fates, trace),
    ...times(trace.fates),
    ...part('Looked at', points),
    ...part('Freed by the kernel', drops),
    ...part('Counters that moved', moved),
    ...part(
      'Left out',
      trace.leftOut.map((word) => `- ${word.replaceAll('-', ' ')}`),
    ),
  ].join('\n\n');
}

/** Whose interface a point is. */
function ofPod({ pod, address }: Point, pods: Trace['pods']): string {
  const name = pods.find(({ number }) => number === pod)?.name;
  if (name === undefined) return address === undefined ? '' : ` of ${address}`;
  return ` of ${shortName(name)}${address === undefined ? '' : ` (${address})`}`;
}

/** Fates of connections in files of the user's own. */
export function filesReport(fates: readonly Fate[], names: Names, notes: readonly string[]): string {
  const trace = { fates, thin: 1, port: undefined, counters: [], drops: undefined };
  return [
    [bold('Packets of your own files'), ...sentencesOf(trace, names)].join('\n'),
    ...times(fates),
    ...part('Read', notes),
  ].join('\n\n');
}

/** A trace for programs. */
export function traceJson(trace: Trace) {
  const summary = summaryOf(trace.fates ?? [], trace);
  return {
    schema: SCHEMA,
    ...trace,
    packets: trace.packets.length,
    summary,
    sentences: sentencesOf(trace, namesOf(trace)),
    consequences: consequencesOf(summary, catalogue),
  };
}

function verdicts(
  fates: readonly Fate[] | undefined,
  facts: Parameters<typeof summaryOf>[1],
): readonly string[] {
  if (fates === undefined) return [];
  const lines = consequencesOf(summaryOf(fates, facts), catalogue).map(
    ({ mode, speaks, why }) => `- ${speaks} ${mode}: ${why}`,
  );
  return part('What follows for a verdict', lines);
}

function times(fates: readonly Fate[] | undefined): readonly string[] {
  return part(
    'Connect times',
    connectTimesOf(fates ?? []).map(({ label, count }) => `- ${label}: ${counted(count, 'connection')}`),
  );
}

const part = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [[bold(title), ...lines].join('\n')];
