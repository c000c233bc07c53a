import { tableUse } from '../core/fleet/reading.ts';
import { driftWords, type FleetRow, fullWords } from '../core/fleet/table.ts';
import { duration } from '../core/plan/forecast.ts';
import { printable } from '../core/printable.mjs';
import { type DrawnNode, type FleetPage, fleetPageOf } from '../core/sweep/fleet-page.ts';
import type { StoredSweep } from '../core/sweep/found.ts';
import { unseenNodes } from '../core/sweep/groups.ts';
import { counted, keepUnits, nodeCount, percent, show } from '../core/words.ts';
import { type Line, lineChart, NAMED_LOOKS } from './charts/line-chart.ts';
import { type Html, html } from './html.ts';
import { chapter, figure, table } from './pieces.ts';
import { shell } from './shell.ts';
import { clock, dateTime } from './times.ts';

/** Rows of numbers under the chart: the newest of each node. */
const NUMBERED = 12;

/**
 * The page of a fleet as one HTML file that needs nothing beside it, from what the newest sweep left and the series of some nodes.
 * Everything that a node said is escaped.
 */
export const renderFleetPage = (swept: StoredSweep, series: readonly DrawnNode[]): string =>
  printable(document(fleetPageOf(swept, series)).text);

function document(page: FleetPage): Html {
  const { startedAt, counts, all, shared, drawn, rows, groups } = page;
  const tone = counts.full > 0 ? 'red' : counts.fills > 0 ? 'amber' : counts.unknown > 0 ? 'grey' : 'green';
  const title = headline(page);
  return shell({
    title: `${title} · conntrack-medic`,
    body: html`<a class="skip" href="#fleet">Skip to the fleet</a>
<main id="fleet">
<header class="top ${tone}"><p class="state"><span class="pill">${SIGNS[tone]} fleet</span> <span>${nodeCount(all)}</span></p><h1>${keepUnits(title)}</h1>${shared === undefined ? undefined : html`<p class="say">${keepUnits(shared)}.</p>`}<ul class="tiles">${tiles(page)}</ul><p class="what">Swept at ${dateTime(new Date(startedAt).toISOString())}. Times are UTC. A node that was not seen is not known to be well.</p></header>
${drawn.length === 0 ? undefined : chapter('time', 'Table use over time', 'Of the nodes that somebody has to act on, then the fullest. A line joins what was read, over gaps as well.', useChart(drawn))}
${groups.length === 0 ? undefined : chapter('groups', 'Node groups', '', groupTable(groups))}
${chapter('nodes', 'Nodes', page.unlisted === 0 ? 'Full ones first, then by the time until they are full.' : `The first ${show(rows.length)}: full ones, then by the time until they are full. ${counted(page.unlisted, 'node')} with more room ${page.unlisted === 1 ? 'is' : 'are'} left out; medic fleet --json has all.`, nodeTable(rows))}
</main>
<footer><p>Made by conntrack-medic from what its newest sweep left. Loads and limits of your nodes stand here: share it as you would share the evidence.</p></footer>`,
  });
}

const SIGNS = { grey: '○', red: '▲', amber: '◆', green: '✓' } as const;

function headline({ counts, all }: FleetPage): string {
  if (all === 0) return 'No node was ever seen';
  const parts = [
    counts.full > 0 ? `${nodeCount(counts.full)} full` : '',
    counts.fills > 0 ? `${nodeCount(counts.fills)} filling up` : '',
    counts.unknown > 0 ? `${nodeCount(counts.unknown)} not seen` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? `All ${nodeCount(all)} calm` : `${parts.join(', ')} of ${nodeCount(all)}`;
}

function tiles({ counts, unseen, drifted }: FleetPage): readonly Html[] {
  return [
    tile('full now', show(counts.full), ''),
    tile('filling up', show(counts.fills), ''),
    tile('calm', show(counts.calm + counts.unlimited), ''),
    tile('not seen', show(counts.unknown), unseen === '' ? '' : `by the newest sweep: ${unseen}`),
    tile(
      'drift',
      drifted === undefined ? 'not seen' : show(drifted),
      'where something that was set by a click is gone',
    ),
  ];
}

const tile = (name: string, value: string, held: string): Html =>
  html`<li><span class="name">${name}</span><b>${value}</b>${held === '' ? undefined : html`<span class="held">${keepUnits(held)}</span>`}</li>`;

function useChart(drawn: readonly DrawnNode[]): Html {
  const lines = drawn.flatMap((node, index): readonly Line[] => {
    const points = pointsOf(node);
    return points.length === 0
      ? []
      : [{ label: node.instanceId, look: NAMED_LOOKS[index] ?? 'rest', points }];
  });
  const worst = lines[0]?.points.at(-1);
  const alternative = `Table use of ${nodeCount(lines.length)} over time; ${lines[0]?.label ?? ''} is at ${percent(worst?.value ?? 0)} at last.`;
  return figure(
    'Entries as a share of the limit',
    (size) => lineChart({ alternative, lines, marks: [], show: percent, atLeast: 1 }, size),
    table(
      `The newest readings of ${nodeCount(drawn.length)}`,
      ['Node', 'Read at', 'Entries', 'nf_conntrack_max', 'Use'],
      drawn.flatMap(({ instanceId, readings }) =>
        readings
          .slice(-NUMBERED)
          .map((one) => [
            instanceId,
            dateTime(new Date(one.at).toISOString()),
            one.count === undefined ? 'not read' : show(one.count),
            one.max === undefined ? 'not read' : show(one.max),
            useWords(one, 'not read'),
          ]),
      ),
      [2, 3, 4],
    ),
    html`<p class="legend">${lines.slice(0, NAMED_LOOKS.length).map(({ label, look }) => html`<span class="k ${look}">${label}</span>`)}${lines.length > NAMED_LOOKS.length ? html`<span class="k">others</span>` : undefined}</p>`,
  );
}

function pointsOf({ readings }: DrawnNode): Line['points'] {
  const span = (readings.at(-1)?.at ?? 0) - (readings[0]?.at ?? 0);
  return readings.flatMap((one) => {
    const use = tableUse(one);
    if (use === undefined) return [];
    return [{ at: one.at, value: use, says: `${clock(one.at, span)}: ${percent(use)}` }];
  });
}

function useWords(one: Parameters<typeof tableUse>[0], unknown: string): string {
  const use = tableUse(one);
  return use === undefined ? unknown : percent(use);
}

const UNKNOWN = 'not known';

function groupTable(groups: StoredSweep['groups']): Html {
  return table(
    'Node groups by their tags',
    [
      'Node group',
      'Cluster',
      'Nodes',
      'Not seen',
      'Highest use',
      'Dropped, packets/s',
      'First full',
      'Worst node',
    ],
    groups.map((one) => [
      one.nodeGroup,
      one.cluster,
      show(one.nodes),
      show(unseenNodes(one)),
      one.use === undefined ? UNKNOWN : percent(one.use),
      one.fullDrops === undefined ? UNKNOWN : show(one.fullDrops),
      one.fullInSeconds === undefined
        ? '–'
        : one.fullInSeconds === 0
          ? 'now'
          : `in ${duration(one.fullInSeconds)}`,
      one.worstNode ?? '–',
    ]),
    [2, 3, 4, 5],
  );
}

function nodeTable(rows: readonly FleetRow[]): Html {
  return table(
    'Nodes as the newest sweep saw them',
    ['Node', 'Full', 'Use', 'Entries', 'Limit', 'Dropped, packets/s', 'Drift', 'Group', 'Why'],
    rows.map((row) => [
      html`<span class="l">${row.instanceId}</span>`,
      `${ROW_SIGNS[row.state]}${fullWords(row)}`,
      useWords(row, '–'),
      row.count === undefined ? 'not seen' : show(row.count),
      row.max === undefined ? 'not seen' : row.max === 0 ? 'none' : show(row.max),
      row.rates?.fullDrops === undefined ? UNKNOWN : show(row.rates.fullDrops),
      driftWords(row.drift),
      [row.nodeGroup, row.instanceType, row.zone].filter((part) => part !== undefined).join(', ') || '–',
      html`<div class="w">${keepUnits(row.why)}</div>`,
    ]),
    [2, 3, 4, 5],
  );
}

/** Signs of those that need somebody, so that nothing is told by its place alone. */
const ROW_SIGNS: Readonly<Record<FleetRow['state'], string>> = {
  full: '▲ ',
  fills: '◆ ',
  unknown: '○ ',
  calm: '',
  unlimited: '',
};
