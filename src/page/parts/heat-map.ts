import type { PageModel, PageNode } from '../../core/page/model.ts';
import type { Cell } from '../../core/page/signals.ts';
import { keepUnits, measured, nodeCount } from '../../core/words.ts';
import { type Html, html } from '../html.ts';
import { hasFacts, NODES_SPELT, rowOf } from './evidence.ts';

/** How near a number has to be to its threshold for the steps between nothing and present. */
const STEPS = [0.25, 0.5, 0.75] as const;

type Map = Pick<PageModel, 'nodes' | 'signals'>;

/** Every signal on every node. A cell leads to its evidence, without a script as well. */
export function heatMap({ nodes, signals }: Map): Html {
  const isSpelt = nodes.length <= NODES_SPELT;
  const rows = signals.map((signal, index) => ({ signal, index })).filter(({ signal }) => hasFacts(signal));
  return html`<div class="scroll map" role="group" aria-label="Signals by node" tabindex="0"><table class="heat${isSpelt ? ' spelt' : ''}" id="map"><caption>What each signal shows on each node, the worst node first. Choose a cell for its evidence.</caption><thead><tr><th scope="col">Signal</th>${nodes.map(
    (node, index) =>
      html`<th scope="col">${isSpelt ? html`<code>${node.instanceId}</code>` : html`<abbr title="${node.instanceId}">${index + 1}</abbr>`}</th>`,
  )}</tr></thead><tbody>${rows.map(
    ({ signal, index }) =>
      html`<tr><th scope="row"><a href="#s${index}">${signal.title}</a></th>${signal.cells.map((cell, node) => drawn(cell, { row: rowOf(signal, index, node), isSpelt, isConclusion: signal.isConclusion }))}</tr>`,
  )}</tbody></table></div>${isSpelt ? undefined : nodeKey(nodes)}<p class="legend"><span class="c p">yes</span> present <span class="c a3">no</span> near its threshold <span class="c a1">no</span> some way off <span class="c a0">no</span> ruled out <span class="c u">?</span> not readable</p>${withoutFacts(signals)}`;
}

function drawn(
  cell: Cell,
  { row, isSpelt, isConclusion }: { row: string | undefined; isSpelt: boolean; isConclusion: boolean },
): Html {
  if (cell.state === 'unread') return html`<td class=x>–`;
  const { because, missing = [] } = cell.finding;
  const word = WORDS[cell.state];
  const look = classOf(isConclusion && cell.state === 'present' ? 'z' : lookOf(cell));
  if (row === undefined) return html`<td${look}>${word}`;
  const first = cell.state === 'absent' ? cell.nearest : because[0];
  const said = first === undefined ? `${missing.length} not readable` : measured(first);
  return isSpelt
    ? html`<td${look}><a href=#${row}><b>${SPELT[cell.state]}</b> ${keepUnits(said)}</a>`
    : html`<td${look}><a href=#${row}>${word}</a>`;
}

/** What most cells look like needs no word: with fifty nodes that is a page a thirtieth smaller. */
const classOf = (look: string): Html | undefined => (look === 'a0' ? undefined : html` class=${look}`);

const WORDS = { present: 'yes', unknown: '?', absent: 'no' } as const;
const SPELT = { present: 'present', unknown: 'not readable', absent: 'no' } as const;

function lookOf(cell: Exclude<Cell, { state: 'unread' }>): string {
  if (cell.state !== 'absent') return cell.state === 'present' ? 'p' : 'u';
  return `a${STEPS.filter((step) => cell.nearness >= step).length}`;
}

/** Which node has which number. */
function nodeKey(nodes: readonly PageNode[]): Html {
  return html`<details class="more"><summary>The ${nodeCount(nodes.length)} by number</summary><ol class="key">${nodes.map(
    ({ label, verdict }) => html`<li><code>${label}</code> ${verdict ?? 'not read'}</li>`,
  )}</ol></details>`;
}

function withoutFacts(signals: Map['signals']): Html | undefined {
  const titles = signals
    .filter((one) => !hasFacts(one) && one.cells.every(({ state }) => state === 'absent'))
    .map(({ title }) => title);
  return titles.length === 0
    ? undefined
    : html`<p class="what">Ruled out without a number of their own: ${titles.join('; ')}.</p>`;
}
