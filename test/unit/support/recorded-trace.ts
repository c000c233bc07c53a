import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Fate } from '../../../src/core/trace/fate.ts';
import { readTrace, type Trace } from '../../../src/core/trace/output.ts';

/** The whole output of a trace during which a rule of nftables dropped SYNs. */
export const RECORDED_TRACE = readFileSync(
  new URL('../../fixtures/traces/nft-rule.txt', import.meta.url),
  'latin1',
);

/** The captured headers behind the end of an output, as pcap files by the number of their point. */
export function pcapsOf(text: string): ReadonlyMap<number, Buffer> {
  const found = text.matchAll(/ trace-pcap-(\d) - ok [\d.]+\n([A-Za-z0-9+/=\n]*?)\n=== /g);
  return new Map(
    [...found].map(([, point, base64 = '']) => [Number(point), gunzipSync(Buffer.from(base64, 'base64'))]),
  );
}

/** What an output says; it throws for one that is not of a trace. */
export function traced(text: string): Trace {
  const trace = readTrace(text);
  if (trace?.kind !== 'traced') throw new Error('not a trace');
  return trace;
}

/** A connection that was answered at once. */
export const FATE: Fate = {
  count: 1,
  way: 'in',
  start: 'uplink',
  port: 30080,
  pod: 1,
  attempts: 1,
  seen: 'pod',
  back: 'uplink',
  answeredAfter: 0,
  gap: undefined,
  isRefused: false,
  isLate: false,
};
