import { expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { cardOf } from '../../../../src/core/card/card.ts';
import type { Incident } from '../../../../src/core/record/incident.ts';
import { cardView } from '../../../../src/slack/card/view.ts';
import { stepTime } from '../../support/diagnoses.ts';
import { NOW } from '../../support/incidents.ts';
import { recordedIncident, recordedReading } from '../../support/recorded-incident.ts';

const FULL = 'table-full/held-open-32768';
const OVERFLOW = 'listen-overflow/busy-event-loop';
const HEALED = 'not-the-node/held-open-32768-raised';

const shown = (incident: Incident) => cardOf(incident, catalogue, NOW);
const mixed = recordedIncident('awaiting-approval', [
  recordedReading('i-a', FULL),
  recordedReading('i-b', OVERFLOW),
  recordedReading('i-c', undefined),
]);

it('gives each verdict of a mixed incident its line, with its node and its number', () => {
  const { verdicts } = shown(mixed);
  expect(verdicts.map(({ verdict, instanceIds }) => [verdict, instanceIds])).toEqual([
    ['table-full', ['i-a']],
    ['listen-overflow', ['i-b']],
  ]);
  const text = JSON.stringify(cardView(shown(mixed))).replaceAll(/<!date[^|]*\|([^>]*)>/g, '$1');
  expect(text).toContain('*listen-overflow* on i-b, 14:02:10Z: Accept queue overflow on the node: 1,188');
  expect(text).toContain('*table-full* on i-a');
});

it('rules out only what is ruled out on every node, and says where when some were not read', () => {
  const { ruledOut, ruledOutWhere } = shown(mixed);
  const modes = ruledOut.map((line) => line.split(':')[0]);
  expect(modes).not.toContain('listen-overflow');
  expect(modes).not.toContain('table-full');
  expect(modes).toContain('snat-race');
  expect(ruledOutWhere).toBe('on the 2 nodes that were read');
});

it('never rules out what another node could not tell', () => {
  const [first, second, third] = mixed.collections;
  if (second?.outcome.kind !== 'diagnosed') throw new Error('The second node was read.');
  const { diagnosis } = second.outcome;
  const findings = diagnosis.findings.map((finding) =>
    finding.mode === 'snat-race' ? { ...finding, state: 'unknown' as const } : finding,
  );
  const unsure = { ...second, outcome: { ...second.outcome, diagnosis: { ...diagnosis, findings } } };
  const collections = [first, unsure, third].flatMap((one) => one ?? []);
  expect(shown({ ...mixed, collections }).ruledOut.join()).not.toContain('snat-race');
});

it('says whose number it is where nodes have others', () => {
  const both = recordedIncident('no-fix-offered', [
    recordedReading('i-a', OVERFLOW),
    recordedReading('i-b', HEALED),
  ]);
  const { ruledOut, ruledOutWhere } = shown(both);
  expect(ruledOutWhere).toBe('');
  expect(ruledOut.filter((line) => line.startsWith('snat-race'))).toEqual([
    'snat-race: clash drops 0 packets/10 s',
  ]);
  expect(ruledOut.find((line) => line.startsWith('near-full'))).toMatch(/ on i-a$/);
});

it('has no list of verdicts where all nodes have the same', () => {
  const same = recordedIncident('awaiting-approval', [
    recordedReading('i-a', FULL),
    recordedReading('i-b', FULL),
  ]);
  expect(shown(same).verdicts).toEqual([]);
});

it('keeps the verdicts once the first node is healed, the one that is left first', () => {
  const healed = recordedIncident(
    'resolved',
    [recordedReading('i-a', FULL), recordedReading('i-b', OVERFLOW), recordedReading('i-a', HEALED, 2)],
    {
      collection: 2,
      remediations: [
        {
          kind: 'raise-max',
          instanceId: 'i-a',
          decision: 1,
          claimedAt: stepTime(3),
          outcome: 'raised',
          verification: { passed: true, why: 'i-a: 0 drops in 10 s.', collection: 2 },
        },
      ],
    },
  );
  const { verdicts, colour, lead } = shown(healed);
  expect(verdicts.map(({ verdict }) => verdict)).toEqual(['listen-overflow', 'table-full']);
  expect(colour).toBe('amber');
  expect(lead).toContain('What was found on 1 other node is not mended by this.');
});

it('says of a node that needs another change that this plan is not for it', () => {
  const kinds = recordedIncident('awaiting-approval', [
    recordedReading('i-a', FULL),
    recordedReading('i-b', 'stale-udp-entry/stale-udp-blackhole'),
  ]);
  expect(shown(kinds).verdicts.at(-1)?.says).toContain('The change against it is not part of this plan.');
});

const SIX = [
  FULL,
  OVERFLOW,
  'hash-chains-long/one-thousand-buckets',
  'stale-udp-entry/backend-replaced',
  'near-full/nine-tenths',
  'not-the-node/healthy-busy',
];

it('gives each of six verdicts its line on the card, and whose it is', () => {
  const six = recordedIncident(
    'awaiting-approval',
    SIX.map((capture, index) => recordedReading(`i-0123456789abcdef${index}`, capture)),
  );
  const card = shown(six);
  const modes = new Set(card.verdicts.map(({ verdict }) => verdict));
  expect(modes.size).toBe(6);
  const lines = cardView(card)
    .blocks.flatMap((block) =>
      block.type === 'section' && block.text?.text.startsWith('*Verdicts*') ? [block.text.text] : [],
    )
    .flatMap((text) => text.split('\n').slice(1));
  expect(lines.map((line) => /^• \*([\w-]+)\* on i-0123456789abcdef\d, /.exec(line)?.[1])).toEqual([
    ...modes,
  ]);
});

it('counts every node whose fault is left, and not one whose path is healthy', () => {
  const readings = [
    recordedReading('i-a', FULL),
    recordedReading('i-b', OVERFLOW),
    recordedReading('i-c', 'near-full/nine-tenths'),
    recordedReading('i-d', 'not-the-node/healthy-busy'),
    recordedReading('i-a', HEALED, 2),
  ];
  const { lead } = shown(
    recordedIncident('resolved', readings, {
      collection: 2,
      remediations: [
        { kind: 'raise-max', instanceId: 'i-a', decision: 1, claimedAt: stepTime(3), outcome: 'raised' },
      ],
    }),
  );
  expect(lead).toContain('What was found on 2 other nodes is not mended by this.');
});
