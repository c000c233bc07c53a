import { expect, test } from 'vitest';
import { clientLatency } from '../../../../local/kernel/client-record.ts';
import { LiveClient } from '../../../../local/kernel/live-client.ts';
import { ClientLatency } from '../../../../src/core/record/latency/client.ts';

const FROM = Date.parse('2026-11-29T20:00:00.000Z');

function clientWith(requests: readonly { startedAt: number; ms: number; ok: boolean }[]): LiveClient {
  const client = new LiveClient();
  client.add(JSON.stringify({ at: FROM, requests }));
  return client;
}

test('each stretch has the connections that were begun in it, with its times', () => {
  const client = clientWith([
    { startedAt: FROM + 100, ms: 0.44, ok: true },
    { startedAt: FROM + 200, ms: 3021.7, ok: true },
    { startedAt: FROM + 900, ms: 3000, ok: false },
    { startedAt: FROM + 2100, ms: 0.51, ok: true },
  ]);
  const latency = clientLatency(client, FROM, FROM + 3000);
  expect(ClientLatency.parse(latency)).toEqual(latency);
  expect(latency.samples).toEqual([
    { at: '2026-11-29T20:00:00.500Z', attempts: 3, failures: 1, medianMs: 0.4, p99Ms: 0.4 },
    { at: '2026-11-29T20:00:01.500Z', attempts: 0, failures: 0 },
    { at: '2026-11-29T20:00:02.500Z', attempts: 1, failures: 0, medianMs: 0.5, p99Ms: 0.5 },
  ]);
});

test('a long demo has longer stretches, not more of them', () => {
  const { samples } = clientLatency(clientWith([]), FROM, FROM + 900_000);
  expect(samples.length).toBeLessThanOrEqual(150);
  expect(Date.parse(samples[1]?.at ?? '') - Date.parse(samples[0]?.at ?? '')).toBe(6000);
});
