import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { recordedNumber, replayCapture } from '../../local/recorded/replay-capture.ts';
import type { DocumentName, LocalNode, NodeRun } from '../../local/ssm/local-node.ts';

/** What is really wrong in the storm: each with the capture of a node that suffers from it. */
export const CAUSES = [
  { name: 'a full table', capture: 'table-full/held-open-32768' },
  { name: 'long hash chains', capture: 'hash-chains-long/one-thousand-buckets' },
  { name: 'a listen queue that overflows', capture: 'listen-overflow/busy-event-loop' },
] as const;
export type Cause = (typeof CAUSES)[number];

/** How long a collection takes on a node of the storm, in milliseconds. */
const COLLECT_MS = 500;

/** A node that shows one cause each time it is asked, and counts who asks it. */
export class StormNode implements LocalNode {
  readonly instanceId: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly platform = { name: 'Amazon Linux', version: '2023', agentVersion: '3.3.3572.0' };
  /** How often it was asked, and how many asked it at the same moment at most. */
  collections = 0;
  mostAtOnce = 0;
  #running = 0;
  readonly #text: string;

  constructor(index: number, cause: Cause, nodeGroup: string) {
    this.instanceId = `i-0${String(index).padStart(16, '0')}`;
    this.tags = { 'eks:cluster-name': 'shop', 'eks:nodegroup-name': nodeGroup };
    this.#text = textOf(cause);
  }

  ping(): 'Online' {
    return 'Online';
  }

  async run(document: DocumentName, parameters: Readonly<Record<string, string>>): Promise<NodeRun> {
    if (document !== 'medic-collect') throw new Error(`Nobody clicks in a storm, and ${document} was sent.`);
    this.collections += 1;
    this.#running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#running);
    await sleep(COLLECT_MS);
    this.#running -= 1;
    const max = recordedNumber(this.#text, 'nf_conntrack_max');
    const buckets = recordedNumber(this.#text, 'nf_conntrack_buckets');
    const nonce = parameters['nonce'] ?? '';
    return {
      exitCode: 0,
      stdout: replayCapture(this.#text, { nonce, max, buckets, incident: '' }),
      stderr: '',
    };
  }
}

const texts = new Map<Cause, string>();

function textOf(cause: Cause): string {
  const known = texts.get(cause);
  if (known !== undefined) return known;
  const text = readFileSync(
    new URL(`../../test/fixtures/captures/${cause.capture}/capture.txt`, import.meta.url),
    'utf8',
  );
  texts.set(cause, text);
  return text;
}
