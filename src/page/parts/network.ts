import type { PageModel } from '../../core/page/model.ts';
import type { ConnectionStates, NodeTraffic, StateCount } from '../../core/page/network.ts';
import { ALLOWANCES } from '../../core/record/collection.ts';
import { bitRate, nodeCount, show } from '../../core/words.ts';
import { type Html, html } from '../html.ts';
import { table } from '../pieces.ts';
import { dateTime } from '../times.ts';
import { podSockets } from './pod-sockets.ts';

/** How busy the network of each node was beside what it may carry, and its connections by state; nothing where neither was read. */
export function network({
  traffic,
  connections,
}: Pick<PageModel, 'traffic' | 'connections'>): readonly Html[] {
  const told = connections
    .filter(({ sockets, entries }) => sockets.length + entries.length > 0)
    .map(connectionTable);
  return [
    ...(traffic.length === 0 ? [] : [trafficTable(traffic)]),
    ...(told.length === 0
      ? []
      : [
          ...told,
          html`<p class="what">Sockets are those of the node’s own network namespace. The table’s TCP entries are those of its pods as well, by the shares of a sample.</p>`,
        ]),
    ...podSockets(connections),
  ];
}

const CONCLUSIONS = { it: 'this is it', 'not-it': 'not it', open: 'not decided' } as const;
const NOT_READ = 'not read';
/** Nodes that the table of traffic has room for: the worst ones; of all others the evidence tells. */
const NODES_SHOWN = 8;

function trafficTable(all: readonly NodeTraffic[]): Html {
  const shown = all.slice(0, NODES_SHOWN);
  const names = ALLOWANCES.filter((name) =>
    all.some(({ traffic }) => traffic.allowances?.[name] !== undefined),
  );
  const numbered = (value: number | undefined) => (value === undefined ? NOT_READ : show(Math.round(value)));
  const rate = (value: number | undefined) => (value === undefined ? NOT_READ : bitRate(value));
  return html`${table(
    'Traffic beside what each node may carry',
    [
      'Node',
      'In, at most',
      'Out, at most',
      'Packets/s in',
      'Baseline',
      'Burst',
      ...names.map((name) => `${name} drops`),
      'Queue drops',
      'Bandwidth',
    ],
    shown.map(({ instanceId, traffic, bandwidth, verdict }) => [
      instanceId,
      rate(traffic.receivedBits),
      rate(traffic.sentBits),
      numbered(traffic.receivedPackets),
      bandwidth === undefined
        ? 'not known'
        : `${show(bandwidth.baselineGbps)} Gbit/s${bandwidth.from === 'ec2' ? '' : ' (configured)'}`,
      bandwidth === undefined ? 'not known' : `${show(bandwidth.burstGbps ?? bandwidth.baselineGbps)} Gbit/s`,
      ...names.map((name) => numbered(traffic.allowances?.[name])),
      numbered(traffic.queueDrops),
      CONCLUSIONS[verdict],
    ]),
    Array.from({ length: 6 + names.length }, (_, index) => index + 1),
  )}<p class="what">IPv4 through the node’s own network namespace, in the window of the reading: what its pods send and receive passes there as well, so no interface carried more. Drops are those of the window.${all.length > shown.length ? ` ${nodeCount(all.length - shown.length)} more: see the evidence of each signal.` : ''}</p>`;
}

function connectionTable({ instanceId, before, after, sockets, entries }: ConnectionStates): Html {
  const cell = (value: number | undefined) => (value === undefined ? NOT_READ : show(value));
  const row =
    (where: string) =>
    ({ state, before: first, after: later }: StateCount): readonly string[] => [
      `${where}: ${state}`,
      cell(first),
      ...(after === undefined ? [] : [cell(later)]),
    ];
  return table(
    `Connections by state on ${instanceId}`,
    [
      'State',
      html`${after === undefined ? 'Connections' : 'Before'}<small>${dateTime(before)}</small>`,
      ...(after === undefined ? [] : [html`Newest reading<small>${dateTime(after)}</small>`]),
    ],
    [...sockets.map(row('node’s sockets')), ...entries.map(row('table'))],
    [1, 2],
  );
}
