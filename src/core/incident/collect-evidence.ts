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

/** A command of a collection, with the nodes that it goes to. */
export interface SentCommand {
  readonly commandId: string;
  readonly documentHash: string;
  /** Marks what the command wrote. */
  readonly nonce: string;
  readonly at: string;
  readonly instanceIds: readonly string[];
  /** Where the nodes are; absent where that is the service's own account and region. */
  readonly place?: NodePlace;
}

/** A collection that was sent. */
export interface SentCollection {
  readonly number: number;
  readonly at: string;
  /** None when no node could be reached. */
  readonly commands: readonly SentCommand[];
  /** Nodes that no command goes to, each with one sentence on why. */
  readonly missed: readonly { readonly instanceId: string; readonly why: string }[];
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
  const sent = await ports.commands.collect({ instanceIds, nonce, incidentId: id, place });
  const { documentHash, refused: missed } = sent;
  const common = { documentHash, nonce, at, ...(place === undefined ? {} : { place }) };
  const commands = sent.commands.map((command) => ({ ...command, ...common }));
  return { number: updated.head.collection, at, commands, missed };
}

/**
 * Reads what a collection brought, keeps the raw text and stores each node's assessment. An assessment does not need the
 * copy of the text: where that could not be kept, the collection has its hash alone.
 */
export async function readCollection(
  ports: CollectPorts,
  id: string,
  { number, at, commands, missed }: SentCollection,
): Promise<void> {
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
  const store = async (output: CommandOutput, command?: SentCommand): Promise<void> => {
    const collection = await collectionOf(ports, id, { number, at, command }, { output, keep });
    await ports.store.putCollection(id, collection);
  };
  for (const command of commands) {
    const { commandId, instanceIds, place } = command;
    for (const output of await ports.commands.outputs(commandId, instanceIds, place))
      await store(output, command);
  }
  for (const { instanceId, why } of missed) await store({ kind: 'none', instanceId, why, ran: false });
}

async function collectionOf(
  { catalogue }: CollectPorts,
  id: string,
  sent: { readonly number: number; readonly at: string; readonly command: SentCommand | undefined },
  {
    output,
    keep,
  }: {
    readonly output: CommandOutput;
    readonly keep: (key: string, text: string) => Promise<string | undefined>;
  },
): Promise<NodeCollection> {
  const { instanceId } = output;
  const { number, command } = sent;
  const common = {
    instanceId,
    collection: number,
    collectedAt: command?.at ?? sent.at,
    ...(command === undefined
      ? {}
      : { command: { id: command.commandId, documentHash: command.documentHash } }),
  };
  if (output.kind === 'none') return { ...common, outcome: { kind: 'failed', why: output.why } };
  const address = await keep(`${id}/${number}-${instanceId}.txt`, output.text);
  const kept = {
    ...(address === undefined ? {} : { evidence: address }),
    evidenceHash: sha256(output.text),
  };
  const assessment = assess(output.text, { instanceId, nonce: command?.nonce ?? '', catalogue });
  if (assessment.kind === 'failed') return { ...common, ...kept, outcome: assessment };
  const { diagnosis, plan, figures, halfApplied } = assessment;
  const offered = plan === undefined ? {} : { plan };
  return {
    ...common,
    ...kept,
    outcome: { kind: 'diagnosed', diagnosis, ...offered, figures: { ...figures }, halfApplied },
  };
}
