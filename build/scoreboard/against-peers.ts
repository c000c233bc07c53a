import { peerView } from './peer-view.ts';
import { PEERS } from './peers.ts';
import type { ScoredCase } from './scored-case.ts';
import { share, table } from './tables.ts';

/** Verdicts that say that the node's own table is full or nearly so: the one question that every peer's rule answers. */
const FULL = new Set(['table-full', 'near-full']);

/** Other tools' rules and medic's verdict on that one question, over the cases where it has one answer. */
export function againstPeers(all: readonly ScoredCase[]): string {
  const cases = all.filter(({ isTableFull }) => isTableFull !== undefined);
  const views = new Map(cases.map((one) => [one, peerView(one)]));
  const rows = [
    rowOf('conntrack-medic', cases, ({ diagnosis }) => FULL.has(diagnosis.verdict)),
    ...PEERS.map(({ name, fires }) =>
      rowOf(name, cases, (one) => {
        const view = views.get(one);
        return view === undefined ? undefined : fires(view);
      }),
    ),
  ];
  return table(
    [
      'rule',
      'right alarms',
      'wrong alarms',
      'missed',
      'precision',
      'recall',
      'cases with nothing to look at',
    ],
    rows,
  );
}

function rowOf(
  name: string,
  cases: readonly ScoredCase[],
  answer: (one: ScoredCase) => boolean | undefined,
): readonly (string | number)[] {
  const answers = cases.map((one) => ({ isFull: one.isTableFull === true, says: answer(one) }));
  const hits = answers.filter(({ isFull, says }) => isFull && says === true).length;
  const wrong = answers.filter(({ isFull, says }) => !isFull && says === true).length;
  const missed = answers.filter(({ isFull, says }) => isFull && says !== true).length;
  const blind = answers.filter(({ says }) => says === undefined).length;
  return [name, hits, wrong, missed, share(hits, hits + wrong), share(hits, hits + missed), blind];
}

/** Which cases each rule gets wrong, by name. */
export function peersMistakes(cases: readonly ScoredCase[]): string {
  const rows = PEERS.flatMap(({ name, fires }) => {
    const wrong = cases.filter((one) => one.isTableFull === false && fires(peerView(one)) === true);
    const missed = cases.filter((one) => one.isTableFull === true && fires(peerView(one)) === false);
    const names = (those: readonly ScoredCase[]) =>
      those.map(({ id, truth }) => `${id} (${truth})`).join(', ');
    return [[name, names(wrong) || '–', names(missed) || '–']];
  });
  return table(
    ['rule', 'alarms where the table is not the fault', 'silent although it had its evidence'],
    rows,
  );
}
