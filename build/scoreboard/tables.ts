import type { ScoredCase } from './scored-case.ts';

/** A Markdown table. */
export function table(heading: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A share as a percentage, or a dash where there is nothing to share. */
export function share(part: number, whole: number): string {
  return whole === 0 ? '–' : `${Math.round((part / whole) * 100)} %`;
}

/** Precision and recall of each verdict. */
export function byMode(cases: readonly ScoredCase[]): string {
  const modes = sorted(cases.flatMap(({ truth, diagnosis }) => [truth, diagnosis.verdict]));
  const rows = modes.map((mode) => {
    const given = cases.filter(({ diagnosis }) => diagnosis.verdict === mode);
    const actual = cases.filter(({ truth }) => truth === mode);
    const hits = given.filter(({ truth }) => truth === mode).length;
    return [mode, actual.length, given.length, hits, share(hits, given.length), share(hits, actual.length)];
  });
  return table(['mode', 'cases', 'given', 'right', 'precision', 'recall'], rows);
}

/** What was said instead, for every case that went wrong; the diagonal is a count. */
export function confusion(cases: readonly ScoredCase[]): string {
  const pairs = sorted(cases.map(({ truth, diagnosis }) => `${truth} → ${diagnosis.verdict}`));
  const rows = pairs.map((pair) => {
    const [truth = '', verdict = ''] = pair.split(' → ');
    const those = cases.filter((one) => one.truth === truth && one.diagnosis.verdict === verdict);
    const names = truth === verdict ? '' : those.map(({ id }) => id).join(', ');
    return [truth, verdict, those.length, names];
  });
  return table(['truth', 'verdict', 'cases', 'which, where they differ'], rows);
}

/** How often each confidence word was right. */
export function calibration(cases: readonly ScoredCase[]): string {
  const rows = (['high', 'medium', 'low'] as const).map((word) => {
    const those = cases.filter(({ diagnosis }) => diagnosis.confidence === word);
    const right = those.filter(({ isRight }) => isRight).length;
    return [word, those.length, right, share(right, those.length)];
  });
  return table(['confidence', 'cases', 'right', 'share'], rows);
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort((a, b) => a.localeCompare(b));
}
