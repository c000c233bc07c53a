import { expect, it } from 'vitest';
import { traceNote } from '../../../../../src/core/incident/syn-trace/words.ts';
import { NOTE_MAX_CHARS } from '../../../../../src/core/record/said/missing.ts';
import { instanceId } from '../../../support/diagnoses.ts';
import { buildIncident } from '../../../support/incidents.ts';
import { buildTrace } from '../../../support/syn-traces.ts';

const { head } = buildIncident('awaiting-approval', { nodes: 3 });
const noteOf = (what: Parameters<typeof buildTrace>[1]) =>
  traceNote({ ...head, synTraces: [buildTrace(head, what)] }, 1);

it('is said once the trace is over, with what each node showed', () => {
  expect(noteOf('running')).toBeUndefined();
  const lines = noteOf('for')?.split('\n') ?? [];
  expect(lines[0]).toMatch(/^Traced SYNs for 15 s, every new connection, asked for by @ana, ended /);
  expect(lines.slice(1).map((line) => line.split(':')[0])).toEqual(
    [0, 1, 2].map((at) => `• ${instanceId(at)}`),
  );
});

it('says what it does to the buttons before anything that may be cut off', () => {
  const note = noteOf('against') ?? '';
  expect(note.split('\n')[1]).toContain('is not offered any more');
  expect(note.length).toBeLessThan(NOTE_MAX_CHARS);
});

it('has one sentence for a node that was not traced', () => {
  expect(noteOf('failed')).toContain(
    `• ${instanceId(0)}: not traced. Another trace runs on this node; nothing was captured.`,
  );
});
