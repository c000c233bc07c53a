import { assess } from '../diagnosis/assess.ts';
import type { Catalogue } from '../diagnosis/signature.ts';
import { messageOf, RecordRefusedError } from '../errors.ts';
import type { Clock, CollectCommands, CommandOutput, EvidenceStore, IncidentStore, Log } from '../ports.ts';
import type { NodeCollection } from '../record/collection.ts';
import { type NodePlace, placeOfNodes } from '../record/place.ts';
import { sha256 } from '../sha256.ts';

/** What collecting needs; nothing in here can change a node. */
export interface CollectPorts {
  readonly store: IncidentStore;
  readonly commands: CollectCommands;
  readonly evidence: EvidenceStore;
  readonly clock: Clock;
  readonly catalogue: Catalogue;
  readonly log: Log;
}

/** Copies of raw output that may fail within a collection before no more are tried: each failure takes its time. */
const FAILURES_MOST = 3;

/** A collection that was sent. */
export interface SentCollection {
  readonly number: number;
  readonly nonce: string;
  readonly at: string;
  /** Absent when no node could be reached. */
  readonly commandId?: string;
  readonly documentHash?: string;
  readonly reached: readonly string[];
  readonly missed: readonly string[];
  /** Where the nodes are; absent where that is the service's own account and region. */
  readonly place?: NodePlace;
}

/** Numbers a new collection and sends it. Sending twice costs a read, nothing more. */
export async function sendCollection(
  ports: CollectPorts,
  id: string,
  instanceIds: readonly string[],
  nonce: string,
): Promise<SentCollection> {
  const at = new Date(ports.clock.now()).toISOString();
  const updated = await ports.store.update(id, (head) => ({ ...head, collection: head.collection + 1 }));
  if (!updated.ok) throw new RecordRefusedError(updated.refusal);
  const place = placeOfNodes(updated.head, instanceIds);
  const {
    commandId,
    documentHash,
    instanceIds: reached,
  } = await ports.commands.collect({ instanceIds, nonce, incidentId: id, place });
  const isReached = new Set(reached);
  const missed = instanceIds.filter((one) => !isReached.has(one));
  const where = place === undefined ? {} : { place };
  const sent = { number: updated.head.collection, nonce, at, reached, missed, ...where };
  return commandId === undefined ? sent : { ...sent, commandId, documentHash };
}

/**
 * Reads what a collection brought, keeps the raw text and stores each node's assessment. An assessment does not need the
 * copy of the text: where that could not be kept, the collection has its hash alone.
 */
export async function readCollection(ports: CollectPorts, id: string, sent: SentCollection): Promise<void> {
  const { commandId, reached, missed, place } = sent;
  const outputs = commandId === undefined ? [] : await ports.commands.outputs(commandId, reached, place);
  const gone = missed.map((instanceId): CommandOutput => {
    const why = `${instanceId} is not managed by Systems Manager any more: it is gone or its agent is.`;
    return { kind: 'none', instanceId, why, ran: false };
  });
  let failures = 0;
  const keep = async (key: string, text: string): Promise<string | undefined> => {
    if (failures >= FAILURES_MOST) return undefined;
    try {
      return await ports.evidence.put(key, text);
    } catch (error) {
      failures += 1;
      ports.log('evidence-not-kept', { incidentId: id, key, error: messageOf(error) });
      return undefined;
    }
  };
  for (const output of [...outputs, ...gone]) {
    await ports.store.putCollection(id, await collectionOf(ports, id, sent, { output, keep }));
  }
}

async function collectionOf(
  { catalogue }: CollectPorts,
  id: string,
  { number, nonce, at, commandId, documentHash }: SentCollection,
  {
    output,
    keep,
  }: {
    readonly output: CommandOutput;
    readonly keep: (key: string, text: string) => Promise<string | undefined>;
  },
): Promise<NodeCollection> {
  const { instanceId } = output;
  const command =
    commandId === undefined || documentHash === undefined ? {} : { command: { id: commandId, documentHash } };
  const common = { instanceId, collection: number, collectedAt: at, ...command };
  if (output.kind === 'none') return { ...common, outcome: { kind: 'failed', why: output.why } };
  const address = await keep(`${id}/${number}-${instanceId}.txt`, output.text);
  const kept = {
    ...(address === undefined ? {} : { evidence: address }),
    evidenceHash: sha256(output.text),
  };
  const assessment = assess(output.text, { instanceId, nonce, catalogue });
  if (assessment.kind === 'failed') return { ...common, ...kept, outcome: assessment };
  const { diagnosis, plan, figures, halfApplied } = assessment;
  const offered = plan === undefined ? {} : { plan };
  return {
    ...common,
    ...kept,
    outcome: { kind: 'diagnosed', diagnosis, ...offered, figures: { ...figures }, halfApplied },
  };
}
