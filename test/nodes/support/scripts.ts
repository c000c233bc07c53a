import { readFileSync } from 'node:fs';
import {
  assembleScripts,
  buildDocuments,
  type MedicDocument,
  type NodeScripts,
} from '../../../nodes/documents.ts';

/** The scripts put together as the bundle does it. */
export const scripts: NodeScripts = assembleScripts((path) =>
  readFileSync(new URL(`../../../nodes/${path}`, import.meta.url), 'utf8'),
);

export const documents: readonly MedicDocument[] = buildDocuments(scripts);

interface Parsed {
  readonly schemaVersion: string;
  readonly parameters: Record<
    string,
    { readonly type: string; readonly allowedPattern: string; readonly interpolationType: string }
  >;
  readonly mainSteps: readonly {
    readonly action: string;
    readonly inputs: { readonly timeoutSeconds: string; readonly runCommand: readonly string[] };
  }[];
}

export function parsedDocument(name: MedicDocument['name']): Parsed {
  const document = documents.find((candidate) => candidate.name === name);
  if (document === undefined) throw new Error(`no document ${name}`);
  return JSON.parse(document.content) as Parsed;
}

/**
 * The text that the agent would run: the document's lines with the parameters filled in. Patterns are not looked at
 * here, so that the script's own checks can be reached with what SSM would have turned away.
 */
export function shipped(name: MedicDocument['name'], parameters: Readonly<Record<string, string>>): string {
  const lines = parsedDocument(name).mainSteps[0]?.inputs.runCommand ?? [];
  return lines.join('\n').replace(/\{\{ (\w+) \}\}/g, (_, parameter: string) => parameters[parameter] ?? '');
}

export const NONCE = 'k3v9x0q2m7b1c5d8';

/** Parameters of a raise by incident A: 262144 to 458752, buckets with it. */
export const RAISE_A = {
  nonce: NONCE,
  incident: 'inc-aaaaaaaa',
  mode: 'exact',
  fromMax: '262144',
  toMax: '458752',
  fromBuckets: '262144',
  toBuckets: '458752',
} as const;

/** Parameters of a raise by incident B on top of A's. */
export const RAISE_B = {
  nonce: NONCE,
  incident: 'inc-bbbbbbbb',
  mode: 'exact',
  fromMax: '458752',
  toMax: '917504',
  fromBuckets: '458752',
  toBuckets: '917504',
} as const;

export const ROLLBACK_A = { nonce: NONCE, incident: RAISE_A.incident } as const;
export const ROLLBACK_B = { nonce: NONCE, incident: RAISE_B.incident } as const;

/** Parameters of a change of settings by incident A: more buckets, shorter timeouts, higher neighbour thresholds. */
export const SETTINGS_A = {
  nonce: NONCE,
  incident: RAISE_A.incident,
  changes: [
    'net.netfilter.nf_conntrack_buckets=262144:524288',
    'net.netfilter.nf_conntrack_tcp_timeout_established=86400:21600',
    'net.netfilter.nf_conntrack_tcp_timeout_close_wait=3600:60',
    'net.ipv4.neigh.default.gc_thresh1=128:8192',
    'net.ipv4.neigh.default.gc_thresh2=512:16384',
    'net.ipv4.neigh.default.gc_thresh3=1024:32768',
  ].join(','),
} as const;

/** Incident B shortens one more timeout. */
export const SETTINGS_B = {
  nonce: NONCE,
  incident: RAISE_B.incident,
  changes: 'net.netfilter.nf_conntrack_tcp_timeout_time_wait=120:60',
} as const;
