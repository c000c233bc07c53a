import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

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
