import { describe, expect, it } from 'vitest';
import type { Incident } from '../../../../src/core/record/incident.ts';
import { figuresOf } from '../../../../src/core/runbook/figures.ts';
import { figureMarkdown, figureTable } from '../../../../src/slack/figures/blocks.ts';
import { stepTime } from '../../support/diagnoses.ts';
import { pageOfIncident } from '../../support/pages.ts';
import { recordedIncident, recordedReading } from '../../support/recorded-incident.ts';

/** What proves each verdict that a click heals other than by a larger table, and a recorded node without it. */
const HEALED = [
  ['hash-chains-long/one-thousand-buckets', 'not-the-node/healthy-busy', 'chaintoolong', /^[1-9]/, '0'],
  [
    'neighbour-overflow/neigh-overflow',
    'not-the-node/healthy-busy',
    'neighbour table overflows',
    /^[1-9].* allocations/,
    '0 allocations/10 s',
  ],
] as const;

const textsOf = (incident: Incident) =>
  figureTable(figuresOf(incident)).rows.map((cells) =>
    cells.map((cell) => ('text' in cell ? cell.text : '')),
  );

describe('after a change, what proved the verdict stands beside what the node shows since', () => {
  it.each(HEALED)('%s, then %s: %s', (sick, well, fact, first, later) => {
    const readings = [recordedReading('i-a', sick), recordedReading('i-a', well, 2)];
    const changed = {
      kind: 'raise-buckets' as const,
      instanceId: 'i-a',
      decision: 1,
      claimedAt: stepTime(3),
      outcome: 'changed' as const,
    };
    const incident = recordedIncident('resolved', readings, { collection: 2, remediations: [changed] });
    expect(pageOfIncident(incident)).toMatch(
      new RegExp(`Before and after[^]*?<span class="name">${fact}[,<]`),
    );
    const rows = textsOf(incident);
    const column = rows[0]?.indexOf(fact) ?? -1;
    expect(column).toBeGreaterThan(1);
    expect(rows[1]?.[column]).toMatch(first);
    expect(rows[2]?.[column]).toBe(later);
    expect(figureMarkdown(figuresOf(incident))).toContain(`| ${fact} |`);
  });

  it('where the table is what was full, its own numbers tell it', () => {
    const readings = [
      recordedReading('i-a', 'table-full/held-open-32768'),
      recordedReading('i-a', 'not-the-node/held-open-32768-raised', 2),
    ];
    const [head] = figureTable(figuresOf(recordedIncident('resolved', readings, { collection: 2 }))).rows;
    expect(head).toHaveLength(6);
  });

  it('a node with another verdict shows what it was seen to have of a fact, and no fact stands twice', () => {
    const rows = textsOf(
      recordedIncident('no-fix-offered', [
        recordedReading('i-a', 'table-full/held-open-32768'),
        recordedReading('i-b', 'listen-overflow/busy-event-loop'),
        recordedReading('i-c', 'not-the-node/healthy-busy'),
      ]),
    );
    expect(rows[0]).toEqual([
      'Node',
      'Read',
      'listen overflows on the node',
      'listen overflows in pods',
      'Entries',
      'Limit',
      'Use',
      'Dropped/s',
    ]);
    expect(rows.slice(1).flat()).not.toContain('not read');
    expect(rows.find(([node]) => node === 'i-a')?.[2]).toBe('0');
  });
});
