import type { PageModel, PageNode, PageSignal } from '../../core/page/model.ts';
import type { Cell, FactColumn } from '../../core/page/signals.ts';
import type { Evidence } from '../../core/record/diagnosis.ts';
import { counted, keepUnits, measured, nodeCount } from '../../core/words.ts';
import { type Html, html } from '../html.ts';
import { withCode } from '../pieces.ts';

/** Id of a row of evidence of one signal. */
const rowId = (signal: number, row: number): string => `f${signal}-${row}`;

/** Id of the row that tells of a signal on a node; nothing where there is none. */
export function rowOf(
  { facts }: Pick<PageSignal, 'facts'>,
  signal: number,
  node: number,
): string | undefined {
  const row = facts.rows.findIndex(({ nodes }) => nodes.includes(node));
  return row < 0 ? undefined : rowId(signal, row);
}

/** Whether there is anything to show of a signal but that it is ruled out. */
export const hasFacts = ({ facts }: Pick<PageSignal, 'facts'>): boolean => facts.rows.length > 0;

/**
 * The evidence behind the map, signal by signal: value, threshold, source and why it matters. What is ruled out everywhere is
 * folded once more: it is most of it.
 */
export function evidence({ nodes, signals }: Pick<PageModel, 'nodes' | 'signals'>): readonly Html[] {
  const all = signals.flatMap((signal, index) =>
    hasFacts(signal)
      ? [{ drawn: signalEvidence(signal, index, nodes), isRuledOut: signal.cells.every(isAbsent) }]
      : [],
  );
  const those = (ruledOut: boolean) =>
    all.flatMap(({ drawn, isRuledOut }) => (isRuledOut === ruledOut ? [drawn] : []));
  const out = those(true);
  return out.length === 0
    ? those(false)
    : [
        ...those(false),
        html`<details class="numbers"><summary>The evidence against ${counted(out.length, 'signal that is', 'signals that are')} ruled out</summary>${out}</details>`,
      ];
}

const isAbsent = ({ state }: Cell): boolean => state === 'absent' || state === 'unread';

/** So many nodes stand by their ids and with their numbers in the map itself. */
export const NODES_SPELT = 3;

// With fifty nodes these rows are most of the page, so what HTML lets one leave out is left out: the ends of rows and cells,
// and quotes around values that are ours.
function signalEvidence(
  { title, mode, meaning, cells, facts, isConclusion }: PageSignal,
  index: number,
  nodes: readonly PageNode[],
): Html {
  const { word, stands, ...summary } = summaryOf(cells);
  const look = isConclusion && summary.look === 'p' ? 'z' : summary.look;
  const hasMissing = facts.rows.some(({ missing }) => missing.length > 0);
  const row = ({ nodes: of, facts: all, missing }: PageSignal['facts']['rows'][number], place: number) =>
    html`<tr id=${rowId(index, place)}><th>${namesOf(of, nodes)}${all.map((one, column) =>
      factCell(one, facts.columns[column]),
    )}${hasMissing ? html`<td>${missing.join('; ')}` : undefined}`;
  return html`<details class="signal" id="s${index}"><summary><span class="c ${look}">${word}</span> <b>${title}</b> <span class="what">${stands} of ${nodeCount(cells.length)} · <code>${mode}</code></span></summary>${meaning === '' ? undefined : html`<p class="why">${withCode(meaning)}</p>`}<div class="scroll" role="group" aria-label="Evidence: ${title}" tabindex="0"><table><thead><tr><th scope="col">Node</th>${facts.columns.map(
    ({ fact, threshold, source }) =>
      html`<th scope="col">${fact}<small class="h">held against ${keepUnits(threshold)}</small><small class="s">${source}</small></th>`,
  )}${hasMissing ? html`<th scope="col">Not readable</th>` : undefined}</tr></thead><tbody>${facts.rows.map(row)}</tbody></table></div></details>`;
}

/** One node by its id; several by their numbers, `1–4, 9`, which the key of the map has, where ids would be too many. */
function namesOf(places: readonly number[], nodes: readonly PageNode[]): Html {
  const ids = places.map((place) => nodes[place]?.instanceId ?? '');
  if (ids.length === 1 || nodes.length <= NODES_SPELT) return html`${ids.join(', ')}`;
  const runs: [number, number][] = [];
  for (const place of places) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] === place - 1) run[1] = place;
    else runs.push([place, place]);
  }
  const words = runs.map(([from, to]) => (from === to ? `${from + 1}` : `${from + 1}–${to + 1}`));
  return html`${nodeCount(ids.length)}<small>${words.join(', ')}</small>`;
}

function factCell(one: Evidence | undefined, column: FactColumn | undefined): Html {
  if (one === undefined) return html`<td>–`;
  const { threshold, source } = one;
  return html`<td>${keepUnits(measured(one))}${threshold === column?.threshold ? undefined : html`<small class=h>held against ${keepUnits(threshold)}</small>`}${source === column?.source ? undefined : html`<small class=s>${source}</small>`}`;
}

function summaryOf(cells: readonly Cell[]) {
  const count = (state: Cell['state']) => cells.filter((cell) => cell.state === state).length;
  const [present, unknown, absent] = [count('present'), count('unknown'), count('absent')];
  const stands = [
    ...(present > 0 ? [`present on ${present}`] : []),
    ...(unknown > 0 ? [`not readable on ${unknown}`] : []),
    ...(absent > 0 ? [`ruled out on ${absent}`] : []),
  ].join(', ');
  if (present > 0) return { look: 'p', word: 'yes', stands };
  return unknown > 0 ? { look: 'u', word: '?', stands } : { look: 'a0', word: 'no', stands };
}
