import type { BandwidthStory } from '../bandwidth.ts';
import type { Catalogue } from '../diagnosis/signature.ts';
import { escapeMarkdown, tableOf } from '../markdown.ts';
import type { Diagnosis, Evidence } from '../record/diagnosis.ts';

/**
 * What speaks for the verdict and what is present beside it, a row each. A fact that several findings rest on is one row, with
 * everything that it was held against.
 *
 * @returns a Markdown table; nothing where nothing is present
 */
export function evidenceTable({ findings }: Diagnosis): string | undefined {
  const rows = new Map<string, { readonly first: Evidence; readonly thresholds: Set<string> }>();
  for (const one of findings.flatMap(({ state, because }) => (state === 'present' ? because : []))) {
    const key = `${one.fact} ${one.value}`;
    const known = rows.get(key) ?? { first: one, thresholds: new Set() };
    known.thresholds.add(one.threshold);
    rows.set(key, known);
  }
  if (rows.size === 0) return undefined;
  return tableOf(
    ['Fact', 'Seen', 'Unit', 'Held against', 'Source'],
    [...rows.values()].map(({ first: { fact, value, unit, source }, thresholds }) => [
      fact,
      value,
      unit,
      [...thresholds].join(', '),
      source,
    ]),
  );
}

/**
 * What was ruled out, a row for each fact that did it: one that several modes fall by stands once, with all of them. Of a
 * mode's facts that is the first which the evidence does not show already.
 *
 * @param bandwidth what is said of the node's bandwidth, in place of one number of the mode that judges it
 * @returns a Markdown table; nothing where nothing was ruled out
 */
export function ruledOutTable(
  { findings }: Diagnosis,
  catalogue: Catalogue,
  bandwidth?: BandwidthStory,
): string | undefined {
  const shown = new Set(
    findings.flatMap(({ state, because }) => (state === 'present' ? because : [])).map(({ fact }) => fact),
  );
  const rows = new Map<string, { value: string; readonly titles: string[] }>();
  for (const { mode, state, because } of findings) {
    const signature = catalogue.find(({ id }) => id === mode);
    const isBandwidth = signature?.judgesBandwidth === true;
    // Its further facts are rates, which say nothing by themselves.
    const unseen = isBandwidth ? undefined : because.find(({ fact }) => !shown.has(fact));
    const reason = unseen ?? because[0];
    if (state !== 'absent' || reason === undefined) continue;
    const isTold = isBandwidth && bandwidth?.verdict === 'not-it';
    const { fact, value } = isTold ? { fact: 'bandwidth:', value: bandwidth.numbers } : reason;
    const row = rows.get(fact) ?? { value, titles: [] };
    // Of two readings of one fact the longer one has its whole as well.
    if (value.length > row.value.length) row.value = value;
    row.titles.push(shortTitle(signature?.title ?? mode));
    rows.set(fact, row);
  }
  if (rows.size === 0) return undefined;
  const lines = [...rows].map(
    ([fact, { value, titles }]) =>
      `| ${titles.map(escapeMarkdown).join('; ')} | ${escapeMarkdown(`${fact} ${value}`)} |`,
  );
  return ['| Not this | By |', '| --- | --- |', ...lines].join('\n');
}

/** What stands before the explanation in a mode's title. */
const shortTitle = (title: string): string => title.split(': ')[0] ?? title;
