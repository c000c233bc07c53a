import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CLIENT_LATENCY_FILE } from '../../src/adapters/client-latency.ts';
import type { ClientLatency } from '../../src/core/record/latency/client.ts';
import type { LiveClient } from './live-client.ts';

const EVERY_MS = 2000;
/** A page draws no more of them than a screen has room for. */
const SAMPLES = 150;

/**
 * Writes what the live client feels into the folder of evidence, again and again, so that the page of an incident shows it.
 * @param lagMs how long the client waits for one connection: newer ones have not all ended
 * @returns what ends it
 */
export function recordClient(client: LiveClient, evidence: string, lagMs: number): () => Promise<void> {
  const from = Date.now();
  let writing = Promise.resolve();
  const write = async () => {
    const latency = clientLatency(client, from, Date.now() - lagMs);
    await mkdir(evidence, { recursive: true });
    const file = join(evidence, CLIENT_LATENCY_FILE);
    // Whoever reads it meanwhile reads the one before.
    await writeFile(`${file}.new`, JSON.stringify(latency));
    await rename(`${file}.new`, file);
  };
  const timer = setInterval(() => {
    // The folder is gone while a demo is taken down, and nobody asks for it then.
    writing = writing.then(write).catch(() => undefined);
  }, EVERY_MS).unref();
  return async () => {
    clearInterval(timer);
    await writing;
  };
}

/** What a client felt between two times in milliseconds since the epoch, in stretches of whole seconds. */
export function clientLatency(client: Pick<LiveClient, 'view'>, from: number, until: number): ClientLatency {
  const stretchMs = 1000 * Math.max(1, Math.ceil((until - from) / 1000 / SAMPLES));
  const count = Math.max(0, Math.floor((until - from) / stretchMs));
  return {
    schema: 'medic.client-latency/1',
    what: 'New connections of a client in another network namespace, through the node',
    samples: Array.from({ length: count }, (_, index) => {
      const start = from + index * stretchMs;
      const { attempts, failures, medianMs, p99Ms } = client.view(start, start + stretchMs);
      return {
        at: new Date(start + stretchMs / 2).toISOString(),
        attempts,
        failures,
        ...(medianMs === undefined ? {} : { medianMs: rounded(medianMs) }),
        ...(p99Ms === undefined ? {} : { p99Ms: rounded(p99Ms) }),
      };
    }),
  };
}

const rounded = (ms: number): number => Math.round(ms * 10) / 10;
