import { describe, expect, it } from 'vitest';
import type { CarryOnPorts } from '../../../../../src/core/incident/carry-on.ts';
import { goOnTracing } from '../../../../../src/core/incident/syn-trace/go-on.ts';
import { runningTrace } from '../../../../../src/core/incident/syn-trace/order.ts';
import type { ExecutionStatus } from '../../../../../src/core/ports.ts';
import type { IncidentHead } from '../../../../../src/core/record/incident.ts';
import { buildIncident } from '../../../support/incidents.ts';
import { buildTrace } from '../../../support/syn-traces.ts';

const { head: BEFORE } = buildIncident('awaiting-approval');
const RUNNING = buildTrace(BEFORE, 'running');

/** What becomes of a trace so long after it was ordered, by what its execution does. */
async function after(seconds: number, status: ExecutionStatus, trace = RUNNING) {
  let head: IncidentHead = { ...BEFORE, synTraces: [trace] };
  const started: string[] = [];
  const ports = {
    store: {
      update: async (_id: string, change: (now: IncidentHead) => IncidentHead | string) => {
        const next = change(head);
        if (typeof next !== 'string') head = next;
        return { ok: true, head };
      },
    },
    workflows: {
      statusOf: async (name: string) => {
        expect(name).toBe(`${head.id}-trace-1`);
        return status;
      },
      startNumbered: async (_head: unknown, kind: string, number: number) => {
        started.push(`${kind} ${number}`);
      },
    },
    clock: { now: () => Date.parse(RUNNING.at) + seconds * 1000 },
    log: () => {},
  };
  const done = await goOnTracing(ports as unknown as CarryOnPorts, head);
  return { done, started, head };
}

describe('a trace that was ordered', () => {
  it('goes on while its execution does', async () => {
    expect(await after(3600, 'running')).toMatchObject({ done: undefined, started: [] });
  });

  it('is begun where it was not, as long as somebody waits for it', async () => {
    expect(await after(60, 'absent')).toMatchObject({ done: 'started', started: ['trace 1'] });
  });

  it.each([
    [301, 'absent', 'was not begun within five minutes, and nothing was sent'],
    [60, 'ended', 'stopped half-way'],
  ] as const)('ends with a sentence %i s later where its execution is %s', async (seconds, status, why) => {
    const { done, started, head } = await after(seconds, status);
    expect({ done, started }).toEqual({ done: 'ended', started: [] });
    expect(runningTrace(head)).toBeUndefined();
    expect(head.synTraces?.[0]?.nodes?.[0]?.outcome).toMatchObject({
      kind: 'failed',
      why: expect.stringContaining(why),
    });
    // Nothing else of the incident has moved.
    expect({ ...head, synTraces: undefined }).toEqual({ ...BEFORE, synTraces: undefined });
  });

  it('is left alone once it is over', async () => {
    expect(await after(3600, 'ended', buildTrace(BEFORE, 'for'))).toMatchObject({ done: undefined });
  });
});
