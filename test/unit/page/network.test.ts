import { expect, test } from 'vitest';
import { catalogue } from '../../../runbooks/index.ts';
import { readCapture } from '../../../src/core/capture/capture.ts';
import { cardOf } from '../../../src/core/card/card.ts';
import { assessCapture } from '../../../src/core/diagnosis/assess.ts';
import type { Incident } from '../../../src/core/record/incident.ts';
import { NOW } from '../support/incidents.ts';
import { type BuiltNode, nodeOutput } from '../support/node-output.ts';
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

/** What a node's sockets show in the collector's words, with these sections besides. */
function figuresWith(sections: BuiltNode['sections']) {
  const capture = readCapture(nodeOutput(sections === undefined ? {} : { sections }));
  const outcome = assessCapture(capture ?? expect.unreachable(), { instanceId: 'i-a', catalogue });
  return outcome.figures;
}

/** Nodes that were changed, of which the first printed these sections before and after. */
function socketsTwice(before: string, after: string): string {
  const incident = raisedNodes();
  const id = incident.head.nodes[0]?.instanceId;
  const given = (text: string) => {
    const { podSockets, sockets } = figuresWith({
      'pod_sockets 1': text,
      'sockstat 1':
        'sockets: used 9\nTCP: inuse 40 orphan 0 tw 7 alloc 60 mem 3\nUDP: inuse 2 mem 1\nTCP6: inuse 60\nUDP6: inuse 2',
    });
    return {
      ...(podSockets === undefined ? {} : { podSockets }),
      ...(sockets === undefined ? {} : { sockets }),
    };
  };
  const withSockets = (readings: Incident['collections'], text: string): Incident['collections'] =>
    readings.map((one) =>
      one.instanceId === id && one.outcome.kind === 'diagnosed'
        ? { ...one, outcome: { ...one.outcome, figures: { ...one.outcome.figures, ...given(text) } } }
        : one,
    );
  return pageOfIncident({
    ...incident,
    earlier: withSockets(incident.earlier, before),
    collections: withSockets(incident.collections, after),
  });
}

const socketRows = (page: string) => {
  const caption = /<caption>(Sockets of pods by state on [^<]*)</.exec(page)?.[1];
  return caption === undefined ? undefined : rowsOf(page, caption);
};

test('the page tells the sockets inside each pod by state before and after, by the pod’s name where the node told it', () => {
  const page = socketsTwice(
    [
      'namespaces=14 hidden=1',
      'netns 4026532178 72 1037 1300 shop/checkout-7d9 all 06=1025 0A=1 05=12 08=1200 01=60 03=27',
      'netns 4026532247 16 0 17 - first 0A=1 01=16',
      'netns 4026532248 2 0 3 - none',
      'netns 4026532249 0 0 0 - none',
      'others 9 40 50 60',
    ].join('\n'),
    [
      'namespaces=13 hidden=0',
      'netns 4026532247 30 4 31 shop/cart-5c all 0A=1 01=30 06=4',
      'netns 4026532247 99 99 99 shop/again none',
      'netns 4026532178 14 20 15 shop/checkout-7d9 all 0A=1 01=14 06=20',
      'netns 4026532248 9 0 10 shop/other-1 none',
      'others 10 41 51 61',
    ].join('\n'),
  );
  expect(socketRows(page)).toEqual([
    [
      'Pod',
      'established',
      'TIME_WAIT',
      'in use',
      'CLOSE_WAIT',
      'SYN_RECV',
      'FIN_WAIT, LAST_ACK',
      'listening',
    ],
    ['shop/checkout-7d9', '60 → 14', '1,025 → 20', '1,300 → 15', '1,200 → 0', '27 → 0', '12 → 0', '1 → 1'],
    ['shop/cart-5c', '16 → 30', '0 → 4', '17 → 31', '≥ 0 → 0', '≥ 0 → 0', '≥ 0 → 0', '≥ 1 → 1'],
    ['shop/other-1', '2 → 9', '0 → 0', '3 → 10', '–', '–', '–', '–'],
    ['9, then 10 others', '40 → 41', '50 → 51', '60 → 61', '–', '–', '–', '–'],
  ]);
  expect(page).toContain('2 namespaces or processes could not be read.');
  expect(rowsOf(page, `Connections by state on ${raisedNodes().head.nodes[0]?.instanceId}`)).toContainEqual([
    'node’s sockets: in use, listening ones included',
    '100',
    '100',
  ]);
});

test('sockets under the number of a namespace that ended are another pod’s', () => {
  const page = socketsTwice(
    'namespaces=1 hidden=0\nnetns 4026532178 20 0 21 shop/checkout-7d9 none',
    'namespaces=1 hidden=0\nnetns 4026532178 5 0 6 shop/checkout-8f2 none',
  );
  expect(socketRows(page)?.slice(1)).toEqual([
    ['shop/checkout-7d9', '20 → –', '0 → –', '21 → –'],
    ['shop/checkout-8f2', '– → 5', '– → 0', '– → 6'],
  ]);
});

test('a reading from before sockets of pods were read, or without a pod, has no table of them', () => {
  expect(figuresWith(undefined).podSockets).toBeUndefined();
  expect(socketRows(pageOfIncident(raisedNodes()))).toBeUndefined();
  expect(socketRows(socketsTwice('namespaces=0 hidden=0', 'namespaces=0 hidden=0'))).toBeUndefined();
});
