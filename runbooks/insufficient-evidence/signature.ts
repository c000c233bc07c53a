import { pastFullTable } from '../../src/core/diagnosis/log-lines.ts';
import { defineSignature } from '../../src/core/diagnosis/signature.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';
import { counted, percent, show } from '../../src/core/words.ts';

/** Nothing else could be shown or ruled out: essential evidence is missing or contradicts itself. */
export default defineSignature({
  id: 'insufficient-evidence',
  title: 'Not enough evidence for a verdict',
  order: { stage: 'conclusion', position: 20 },
  conclude(snapshot, results) {
    const hasMatch = [...results.values()].some((result) => result.state === 'match');
    const missing = new Set(
      [...results.values()].flatMap((result) => (result.state === 'undetermined' ? result.missing : [])),
    );
    if (!snapshot.windowSeconds.known) missing.add(`a second sample (${snapshot.windowSeconds.why})`);
    return hasMatch
      ? { state: 'no-match', evidence: [] }
      : {
          state: 'match',
          impact: 'pressure',
          confidence: 'low',
          evidence: [],
          headline: [headlineOf(snapshot, [...missing]), pastFullTable(snapshot)].filter(Boolean).join(' '),
          raise: { allowed: false, why: 'Nothing shows that the table is too small.' },
        };
  },
});

/** Symptoms that the headline tells, at most; what was pasted below it tells all. */
const MOST_SYMPTOMS = 2;

/** Missing sources that the headline names, at most. Our choice: the command that is offered reads all of them. */
const MOST_MISSING = 2;

/** First what can be said, then what is missing for more. */
function headlineOf(snapshot: Snapshot, missing: readonly string[]): string {
  const nothing = snapshot.observations.find(({ kind }) => kind === 'nothing');
  if (nothing !== undefined) return nothing.says;
  const symptoms = snapshot.observations.filter(({ kind }) => kind !== 'note').slice(0, MOST_SYMPTOMS);
  const use = valueOf(snapshot.conntrack.use);
  const room =
    use === undefined || use.max === 0
      ? undefined
      : `${show(use.last)} of ${counted(use.max, 'entry')} are in use (${percent(use.ratio)})`;
  if (symptoms.length > 0) {
    const shown = symptoms.map(({ says }) => says).join(' ');
    const isPlaced = symptoms[0]?.kind === 'loss';
    const open = isPlaced
      ? 'That shows where packets are lost, not why: which limit, rule or race it is, the counters tell.'
      : 'That is the symptom and proves no cause: a full table, an insert race, a full accept queue and loss on the path look alike from here.';
    return [shown, ...(room === undefined ? [] : [`The table: ${room}.`]), open].join(' ');
  }
  if (missing.length === 0)
    return 'No verdict: something is wrong on the network path, but no known failure mode explains it.';
  const list = missing.slice(0, MOST_MISSING).join('; ');
  const [note] = snapshot.observations;
  const lost = lossesSaid(snapshot);
  const said = [
    ...(note === undefined ? [] : [note.says.replace(/\.$/, '')]),
    ...(lost === undefined ? [] : [lost]),
    ...(room === undefined ? [] : [room]),
  ];
  return `No verdict: ${[...said, `missing ${list}`].join('; ')}.`;
}

/** What two samples counted as lost where they do not tell for what: the numbers alone. */
function lossesSaid({ conntrack }: Snapshot): string | undefined {
  const [losses, deltas] = [valueOf(conntrack.losses), valueOf(conntrack.deltas)];
  if (losses === undefined || deltas === undefined || losses.full.high + losses.clash.high === 0n)
    return undefined;
  const told = ['drop', 'insert_failed'].flatMap((name) => {
    const rise = deltas.get(name) ?? 0n;
    return rise > 0n ? [`${name} rose by ${show(rise)}`] : [];
  });
  return told.length === 0
    ? undefined
    : `between the samples ${told.join(' and ')}, for a full table or for clashes: the count beside the limit tells which`;
}
