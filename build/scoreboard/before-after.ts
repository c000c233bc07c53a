import type { FirstScores } from './first-scores.ts';
import type { Group, ScoredCase } from './scored-case.ts';
import { share, table } from './tables.ts';

const NAMES: Readonly<Record<Group, string>> = {
  lab: 'captures',
  mixed: 'captures of mixed faults',
  field: 'text pasted in public threads',
  small: 'short pastes made for this project',
};

/**
 * Cases that the rules had not seen when they were first scored, apart from those that were at hand when the rules were
 * written: only the first say how the rules fare on what nobody has seen.
 */
export function beforeAndAfter(cases: readonly ScoredCase[], record: FirstScores): string {
  const rows = (['lab', 'mixed', 'field', 'small'] as const).flatMap((group) => {
    const those = cases.filter((one) => one.group === group);
    const unseen = those.filter(({ id }) => record[id]?.first !== undefined);
    const atHand = those.filter(({ id }) => record[id]?.first === undefined);
    const rules = [...new Set(unseen.map(({ id }) => record[id]?.first?.rulesChanged ?? ''))].toSorted();
    return [
      ...(atHand.length === 0
        ? []
        : [[`${NAMES[group]}, before the rule`, atHand.length, '–', rightNow(atHand)]]),
      // Cases that were added together were scored with the same rules: later rules had learned from those before.
      ...rules.map((changed) => {
        const together = unseen.filter(({ id }) => record[id]?.first?.rulesChanged === changed);
        const firstRight = together.filter(({ id }) => record[id]?.first?.isRight === true).length;
        return [
          `${NAMES[group]}, after the rules of ${minuteOf(changed)}`,
          together.length,
          `${firstRight} (${share(firstRight, together.length)})`,
          rightNow(together),
        ];
      }),
    ];
  });
  return table(
    ['cases, and when they were written', 'how many', 'right when first scored', 'right now'],
    rows,
  );
}

function rightNow(cases: readonly ScoredCase[]): string {
  const right = cases.filter(({ isRight }) => isRight).length;
  return `${right} (${share(right, cases.length)})`;
}

/** Each case that was scored before the rules knew it: when, with which rules, what they said then and what they say now. */
export function firstVerdicts(cases: readonly ScoredCase[], record: FirstScores): string {
  const mark = (isRight: boolean, verdict: string) => (isRight ? verdict : `**${verdict}**`);
  const rows = cases.flatMap(({ id, diagnosis, isRight }) => {
    const { added, first } = record[id] ?? {};
    if (added === undefined || first === undefined) return [];
    return [
      [
        id,
        minuteOf(added),
        minuteOf(first.rulesChanged),
        `${mark(first.isRight, first.verdict)}, ${first.confidence}`,
        `${mark(isRight, diagnosis.verdict)}, ${diagnosis.confidence}`,
      ],
    ];
  });
  return table(['case', 'added', 'rules of', 'first verdict', 'verdict now'], rows);
}

/** A moment as people read it, in UTC. */
function minuteOf(iso: string): string {
  return new Date(iso).toISOString().slice(0, 16).replace('T', ' ');
}
