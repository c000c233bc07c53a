import { expect, test } from 'vitest';
import type { FleetRow } from '../../../../src/core/fleet/table.ts';
import { exposition } from '../../../../src/core/sweep/exposition.ts';
import { unseenBut } from '../../support/unseen.ts';

const row = (said: Partial<FleetRow>): FleetRow => ({
  instanceId: 'i-0123456789abcdef0',
  state: 'calm',
  gaps: {},
  why: '',
  ...said,
});

const exposed = (...nodes: readonly FleetRow[]) =>
  exposition({
    schema: 'medic.sweep/1',
    startedAt: 1_795_996_800_500,
    groups: [],
    report: {
      schema: 'medic.fleet/1',
      at: '2026-11-30T00:00:00.000Z',
      counts: { full: 0, fills: 0, unknown: 0, calm: nodes.length, unlimited: 0 },
      unseen: unseenBut({ offline: 2 }),
      nodes,
    },
  });

/** A line of the format: a comment, or a name with labels and a number. */
const LINE =
  /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="([^"\\\n]|\\[\\"n])*"(,[a-z_]+="([^"\\\n]|\\[\\"n])*")*\})? [0-9.e+-]+)$/;

test('what a sweep found is in the text format that Prometheus reads, each family once', () => {
  const text = exposed(
    row({
      count: 40_000,
      max: 131_072,
      rates: { fullDrops: 0.5 },
      drift: [],
      isWarned: true,
      fullInSeconds: 0,
    }),
    row({ instanceId: 'i-0123456789abcdef1', cluster: 'sh"op\\\n', nodeGroup: 'workers', count: 1, max: 0 }),
  );
  for (const line of text.trimEnd().split('\n')) expect([line, LINE.test(line)]).toEqual([line, true]);
  expect(text).toContain('conntrack_medic_node_entries{instance_id="i-0123456789abcdef0"} 40000\n');
  expect(text).toContain('cluster="sh\\"op\\\\\\n",node_group="workers"');
  expect(text).toContain('conntrack_medic_nodes_unseen{reason="offline"} 2\n');
  expect(text).toContain('conntrack_medic_sweep_timestamp_seconds 1795996800.5\n');
  const types = Array.from(text.matchAll(/^# TYPE (\S+)/gm), ([, name]) => name);
  expect(types).toEqual([...new Set(types)]);
});

test('what was not seen has no line', () => {
  const text = exposed(row({}));
  expect(text).not.toContain('conntrack_medic_node_');
  expect(exposed(row({ count: 0, max: 5 }))).toContain(
    'conntrack_medic_node_entries{instance_id="i-0123456789abcdef0"} 0',
  );
});
