import { InvalidInstanceId, SSMServiceException } from '@aws-sdk/client-ssm';
import { messageOf } from '../../core/errors.ts';
import { type NodeTags, nodeTagsPhrase } from '../../core/node-tags.ts';
import type { RefusedNode } from '../../core/ports.ts';
import { COMMAND_NODES_MOST } from '../../core/record/bounds.ts';
import { withoutStop } from '../../core/words.ts';
import { inBatches } from '../lookups/pages.ts';

/** A command that was sent, with the nodes that it goes to. */
export interface PartSent<T> {
  readonly sent: T;
  readonly instanceIds: readonly string[];
}

/** Calls of SendCommand for fifty nodes, at most: enough to find four of them where no refusal names them. */
const CALLS_MOST = 40;

/** What sentences about nodes that could not be sent to are made of. */
export interface Wording {
  /** What is to be done again: `collect`, `trace`. */
  readonly again: string;
  /** What IAM asks of a node; undefined where it is not known. */
  readonly nodeTags: NodeTags | undefined;
}

/**
 * Sends to all the nodes that can be sent to, to fifty at a time. The service refuses a request as a whole when it names one node that is gone
 * or that IAM lets nothing be sent to: those that the refusal names are left out, where it names none the nodes are halved.
 *
 * @throws what the service says that has nothing to do with single nodes, unless some were sent to: then the others count as refused
 */
export async function sendAround<T>(
  instanceIds: readonly string[],
  send: (instanceIds: readonly string[]) => Promise<T>,
  wording: Wording,
): Promise<{ readonly parts: readonly PartSent<T>[]; readonly refused: readonly RefusedNode[] }> {
  const parts: PartSent<T>[] = [];
  const refused: RefusedNode[] = [];
  const waiting = [...inBatches(instanceIds, COMMAND_NODES_MOST)];
  const callsMost = CALLS_MOST * Math.max(1, waiting.length);
  let calls = 0;
  for (let some = waiting.shift(); some !== undefined; some = waiting.shift()) {
    if (some.length === 0) continue;
    if (calls === callsMost) {
      refused.push(...some.map((id) => notFoundOut(id, wording)));
      continue;
    }
    calls += 1;
    try {
      parts.push({ sent: await send(some), instanceIds: some });
    } catch (error) {
      const kind = refusalOfNodes(error);
      if (kind === undefined && parts.length === 0) throw error;
      if (kind === undefined) {
        refused.push(...[some, ...waiting.splice(0)].flat().map((id) => notReached(id, error, wording)));
        break;
      }
      const text = String(error);
      const named = some.length === 1 ? some : some.filter((id) => new RegExp(`\\b${id}\\b`).test(text));
      refused.push(
        ...named.map((instanceId) => ({ instanceId, kind, why: sentenceOn(kind, instanceId, wording) })),
      );
      const others = some.filter((id) => !named.includes(id));
      const half = Math.ceil(others.length / 2);
      waiting.push(...(named.length > 0 ? [others] : [others.slice(0, half), others.slice(half)]));
    }
  }
  return { parts, refused };
}

/** Whether a refusal is about single nodes, so that leaving some out can help: one of the document is one of every node. */
export function refusalOfNodes(error: unknown): 'gone' | 'denied' | undefined {
  if (error instanceof InvalidInstanceId) return 'gone';
  if (!(error instanceof SSMServiceException) || error.name !== 'AccessDeniedException') return undefined;
  return /on resource: \S*:document\//.test(error.message) ? undefined : 'denied';
}

function sentenceOn(kind: 'gone' | 'denied', instanceId: string, { again, nodeTags }: Wording): string {
  if (kind === 'gone')
    return `${instanceId} is not managed by Systems Manager any more: it is gone or its agent is.`;
  const tag = nodeTags === undefined ? 'a tag of nodeTags' : `the tag ${nodeTagsPhrase(nodeTags)}`;
  return `${instanceId}: IAM let the service send nothing to it, so it lacks ${tag} or is gone; tag it, then ${again} again.`;
}

const notReached = (instanceId: string, error: unknown, { again }: Wording): RefusedNode => ({
  instanceId,
  kind: 'untold',
  why: `${instanceId} was not asked: ${withoutStop(messageOf(error))}; ${again} again.`,
});

const notFoundOut = (instanceId: string, { again }: Wording): RefusedNode => ({
  instanceId,
  kind: 'untold',
  why: `${instanceId} was not asked: too many of the nodes were refused to tell them apart; see which of them medic doctor finds, then ${again} again.`,
});
