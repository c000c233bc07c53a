import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonOrNothing } from '../core/json.ts';
import { ClientLatency } from '../core/record/latency/client.ts';

/** File in a folder of evidence into which a client on this machine writes what it feels. */
export const CLIENT_LATENCY_FILE = 'client-latency.json';

/** What a client on this machine felt; nothing where none measures. */
export async function readClientLatency(evidence: string): Promise<ClientLatency | undefined> {
  const text = await readFile(join(evidence, CLIENT_LATENCY_FILE), 'utf8').catch(() => '');
  return ClientLatency.safeParse(jsonOrNothing(text)).data;
}
