import { expect, test } from 'vitest';
import { catalogue } from '../../../runbooks/index.ts';
import { cardOf } from '../../../src/core/card/card.ts';
import type { Incident } from '../../../src/core/record/incident.ts';
import { NOW } from '../support/incidents.ts';
import { pageOfIncident, raisedNodes } from '../support/pages.ts';
import { recordedIncident, recordedReading } from '../support/recorded-incident.ts';

const M6I = { baselineGbps: 0.781, burstGbps: 12.5, from: 'ec2' } as const;

/** Rows of the table with this caption, a list of cells each. */
function rowsOf(page: string, caption: string): readonly (readonly string[])[] {
  const [, body = ''] = page.split(`<caption>${caption}</caption>`);
  const [table = ''] = body.split('</table>');
  return table
    .split(/<tr>/)
    .slice(1)
    .map((row) =>
      row
        .replaceAll(/<small>.*?<\/small>/g, '')
        .split(/<t[hd][^>]*>/)
        .slice(1)
        .map((cell) =>
          cell
            .replaceAll(/<[^>]*>/g, '')
            .replaceAll('\u202f', ' ')
            .trim(),
        ),
    );
}

/** The same with what EC2 counted at its limits on each node, and what its type may carry. */
function onEc2(incident: Incident, bwIn: number): Incident {
  const { head, collections } = incident;
  return {
    ...incident,
    head: { ...head, nodes: head.nodes.map((node) => ({ ...node, bandwidth: M6I })) },
    collections: collections.map((one) => {
      if (one.outcome.kind !== 'diagnosed') return one;
      const { figures, diagnosis } = one.outcome;
      const findings = diagnosis.findings.map((finding) =>
        finding.mode === 'ena-throughput-allowance'
          ? { ...finding, state: bwIn > 99 ? ('present' as const) : ('absent' as const) }
          : finding,
      );
      const traffic = { ...figures.traffic, allowances: { bw_in: bwIn, bw_out: 0, pps: 0 }, queueDrops: 0 };
      const outcome = {
        ...one.outcome,
        figures: { ...figures, traffic },
        diagnosis: { ...diagnosis, findings },
      };
      return { ...one, outcome };
    }),
  };
}

const NODES = ['i-a', 'i-b'];
const busy = recordedIncident(
  'no-fix-offered',
  NODES.map((id) => recordedReading(id, 'not-the-node/healthy-busy')),
);

test('the card rules bandwidth out with its numbers, where it is ruled out on every node', () => {
  const lineOf = (incident: Incident) =>
    cardOf(incident, catalogue, NOW).ruledOut.filter((line) => /^(Bandwidth|ena-throughput)/.test(line));
  expect(lineOf(onEc2(busy, 0))).toEqual([
    expect.stringMatching(
      /^Bandwidth: IPv4 at most [\d.]+( [kM]bit\/s)? of 0\.8 Gbit\/s baseline, 12\.5 Gbit\/s burst, [\d,]+ packets\/s in, 0 allowance drops, 0 queue drops: not it \(i-a, the busiest\)$/,
    ),
  ]);
  expect(lineOf(onEc2(busy, 5000))).toEqual([]);
});

test('the page sets the traffic of each node beside what it may carry, and says what was not read', () => {
  const rows = rowsOf(pageOfIncident(onEc2(busy, 0)), 'Traffic beside what each node may carry');
  expect(rows[0]?.slice(4)).toEqual([
    'Baseline',
    'Burst',
    'bw_in drops',
    'bw_out drops',
    'pps drops',
    'Queue drops',
    'Bandwidth',
  ]);
  expect(rows.slice(1).map(([node, ...cells]) => [node, ...cells.slice(3)])).toEqual(
    NODES.map((node) => [node, '0.8 Gbit/s', '12.5 Gbit/s', '0', '0', '0', '0', 'not it']),
  );
  const plain = rowsOf(pageOfIncident(busy), 'Traffic beside what each node may carry');
  expect(plain[1]?.slice(4)).toEqual(['not known', 'not known', expect.any(String), 'not decided']);
});

test('the page tells connections by state before a change and after it, and never a state that was not read', () => {
  const incident = raisedNodes();
  const [first] = incident.head.nodes;
  const id = first?.instanceId ?? expect.unreachable();
  const page = pageOfIncident(incident);
  const rows = rowsOf(page, `Connections by state on ${id}`);
  expect(rows[0]).toEqual(['State', 'Before', 'Newest reading']);
  const states = new Map(rows.slice(1).map(([state, ...counts]) => [state, counts]));
  const [before, after] = [...incident.earlier, ...incident.collections]
    .filter(({ instanceId }) => instanceId === id)
    .flatMap(({ outcome }) => (outcome.kind === 'diagnosed' ? [outcome.figures] : []));
  const shown = (value: number | undefined) => value?.toLocaleString('en-US') ?? 'not read';
  expect(states.get('node’s sockets: TIME_WAIT')).toEqual([
    shown(before?.sockets?.timeWait),
    shown(after?.sockets?.timeWait),
  ]);
  const established = before?.states?.find(({ state }) => state === 'ESTABLISHED');
  expect(states.get('table: ESTABLISHED')?.[0]).toBe(
    shown(Math.round((established?.share ?? 0) * (before?.count ?? 0))),
  );
  const once = rowsOf(pageOfIncident(busy), 'Connections by state on i-a');
  expect(once[0]).toEqual(['State', 'Connections']);
});
