import { assess } from '../diagnosis/assess.ts';
import type { Catalogue } from '../diagnosis/signature.ts';
import { messageOf, RecordRefusedError, RecordUnavailableError } from '../errors.ts';
import type {
  Clock,
  CollectCommands,
  CommandOutput,
  EvidenceStore,
  IncidentStore,
  Log,
  NodeReadings,
} from '../ports.ts';
import { NodeCollection } from '../record/collection.ts';
import type { IncidentHead } from '../record/incident.ts';
import { type Foreseen, secondsToForeseen } from '../record/joined/foreseen.ts';
import { placeOfNodes } from '../record/place.ts';
import { sha256 } from '../sha256.ts';
import { borrowed, claimReadings, type ReadingWanted, type SentCommand } from './share-readings.ts';
import { foreseenOf } from './warning-alarm.ts';

/** What collecting needs; nothing in here can change a node. */
export interface CollectPorts {
  readonly store: IncidentStore;
  readonly commands: CollectCommands;
  readonly evidence: EvidenceStore;
  readonly clock: Clock;
  readonly catalogue: Catalogue;
  readonly log: Log;
  readonly readings: NodeReadings;
  /** After so many seconds a command counts as lost. */
  readonly patienceSeconds: number;
}

/** Copies of raw output that may fail within a collection before no more are tried: each failure takes its time. */
const FAILURES_MOST = 3;

/** A collection that was sent. */
export interface SentCollection {
  readonly number: number;
  readonly at: string;
  /** Where it is to show what is true since then: readings that were asked for before do not count. */
  readonly since?: string;
  /** Whether what this incident has asked itself a moment ago counts, too. */
  readonly hasOwn?: true;
  /** None when no node could be reached. */
  readonly commands: readonly SentCommand[];
  /** Nodes that no command goes to, each with one sentence on why. */
  readonly missed: readonly { readonly instanceId: string; readonly why: string }[];
  /** Nodes that another collection is asking at the moment, whose end has to come first. */
  readonly waiting: readonly string[];
}

/**
 * Numbers a new collection and sends it to the nodes that no other collection is asking. Sending twice costs a read,
 * nothing more.
 *
 * @param isFresh whether it has to show what is true from now on, as after a change
 * @param hasOwn whether what it has asked itself less than a minute before counts as what others have
 */
export async function sendCollection(
  ports: CollectPorts,
  id: string,
  {
    instanceIds,
    isFresh,
    hasOwn = false,
  }: { readonly instanceIds: readonly string[]; readonly isFresh: boolean; readonly hasOwn?: boolean },
  nonce: string,
): Promise<SentCollection> {
  const at = new Date(ports.clock.now()).toISOString();
  const updated = await ports.store.update(id, (head) => ({ ...head, collection: head.collection + 1 }));
  if (!updated.ok) throw new RecordRefusedError(updated.refusal);
  const since = isFresh ? { since: at } : {};
  const number = updated.head.collection;
  const own = hasOwn ? { hasOwn } : {};
  const nobodyYet: SentCollection = {
    number,
    at,
    ...since,
    ...own,
    commands: [],
    missed: [],
    waiting: instanceIds,
  };
  return await sendToWaiting(ports, updated.head, nobodyYet, nonce);
}

/** Sends a collection to those nodes that it waited for and that may be asked by now. */
export async function sendToWaiting(
  ports: CollectPorts,
  head: IncidentHead,
  before: SentCollection,
  nonce: string,
): Promise<SentCollection> {
  const { id: incidentId } = head;
  const place = placeOfNodes(head, before.waiting);
  const wanted = {
    incidentId,
    instanceIds: before.waiting,
    nonce,
    since: before.since,
    hasOwn: before.hasOwn,
    place,
  };
  const { own, shared, waiting } = await claimReadings(ports, wanted);
  const sent = own.length === 0 ? undefined : await sendToClaimed(ports, { ...wanted, instanceIds: own });
  return {
    ...before,
    commands: [...before.commands, ...borrowed(shared, incidentId), ...(sent?.commands ?? [])],
    missed: [...before.missed, ...(sent?.missed ?? [])],
    waiting,
  };
}

/** Sends to nodes whose readings were claimed, and notes by which command they are read. */
async function sendToClaimed(
  ports: CollectPorts,
  { incidentId, instanceIds, nonce, place }: ReadingWanted,
): Promise<Pick<SentCollection, 'commands' | 'missed'>> {
  const { commands, readings, clock } = ports;
  const at = new Date(clock.now()).toISOString();
  const release = (ids: readonly string[]) => Promise.all(ids.map((one) => readings.release(one, nonce)));
  try {
    const { documentHash, ...sent } = await commands.collect({ instanceIds, nonce, incidentId, place });
    const where = place === undefined ? {} : { place };
    for (const { commandId: id, instanceIds: reached } of sent.commands) {
      const reading = { incidentId, nonce, at, command: { id, documentHash }, ...where };
      await Promise.all(reached.map((one) => readings.note(one, reading)));
    }
    await release(sent.refused.map(({ instanceId }) => instanceId));
    return {
      commands: sent.commands.map((command) => ({ ...command, documentHash, nonce, at, ...where })),
      missed: sent.refused,
    };
  } catch (error) {
    // What may have been sent stays claimed until it has ended for certain.
    if (commands.hasStartedNothing(error)) await release(instanceIds);
    throw error;
  }
}

/**
 * Reads what a collection brought, keeps the raw text and stores each node's assessment. An assessment does not need the
 * copy of the text: where that could not be kept, the collection has its hash alone. Who repeats it, after it died half-way,
 * leaves what is stored as it was judged first: a later look may see more, and the text that is kept would be another one.
 */
export async function readCollection(
  ports: CollectPorts,
  id: string,
  { number, at, commands, missed, waiting }: SentCollection,
): Promise<void> {
  const before = await ports.store.load(id);
  const ofThis = (before?.collections ?? []).filter(({ collection }) => collection === number);
  const isStored = new Set(ofThis.map(({ instanceId }) => instanceId));
  const foreseen = foreseenOf(before?.head);
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
    const { instanceId } = output;
    if (isStored.has(instanceId)) return;
    const sent = { number, at, command, foreseen };
    try {
      const collection = await collectionOf(ports, id, sent, { output, keep });
      await ports.store.putCollection(id, NodeCollection.parse(collection));
    } catch (error) {
      if (output.kind === 'none' || error instanceof RecordUnavailableError) throw error;
      // What one node wrote, however strange, keeps none of the others from being judged.
      ports.log('output-not-judged', { incidentId: id, instanceId, error: messageOf(error) });
      const none = { kind: 'none', instanceId, why: unjudged(instanceId), ran: true } as const;
      await ports.store.putCollection(id, await collectionOf(ports, id, sent, { output: none, keep }));
    }
  };
  for (const { command, outputs } of await outputsOf(ports, commands))
    for (const output of outputs) await store(output, command);
  const stillAsked = waiting.map((instanceId) => ({
    instanceId,
    why: `${instanceId} was not asked: another collection of it had not ended when the time was over; look at the node, then collect again.`,
  }));
  for (const { instanceId, why } of [...missed, ...stillAsked])
    await store({ kind: 'none', instanceId, why, ran: false });
}

const unjudged = (instanceId: string): string =>
  `${instanceId}: what it returned could not be judged or stored; look at the raw output and at the node.`;

/** What came of the commands; where one of several can not be read at all, its nodes count as unread. */
async function outputsOf(
  ports: CollectPorts,
  commands: readonly SentCommand[],
): Promise<readonly { readonly command: SentCommand; readonly outputs: readonly CommandOutput[] }[]> {
  const read: { readonly command: SentCommand; readonly outputs: readonly CommandOutput[] }[] = [];
  const failures: unknown[] = [];
  for (const command of commands) {
    const { commandId, instanceIds, place } = command;
    try {
      read.push({ command, outputs: await ports.commands.outputs(commandId, instanceIds, place) });
    } catch (error) {
      failures.push(error);
      const why = `what its command wrote could not be read: ${messageOf(error)}`;
      const outputs = instanceIds.map(
        (instanceId) => ({ kind: 'none', instanceId, why: `${instanceId}: ${why}`, ran: true }) as const,
      );
      read.push({ command, outputs });
    }
  }
  if (failures.length > 0 && failures.length === commands.length) throw failures[0];
  return read;
}

async function collectionOf(
  { catalogue }: CollectPorts,
  id: string,
  sent: Pick<SentCollection, 'number' | 'at'> & {
    command: SentCommand | undefined;
    foreseen: Foreseen | undefined;
  },
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
    ...(command?.askedBy === undefined ? {} : { askedBy: command.askedBy }),
  };
  if (output.kind === 'none') return { ...common, outcome: { kind: 'failed', why: output.why } };
  const address = await keep(`${id}/${number}-${instanceId}.txt`, output.text);
  const kept = {
    ...(address === undefined ? {} : { evidence: address }),
    evidenceHash: sha256(output.text),
  };
  const foreseen = secondsToForeseen(sent.foreseen, instanceId, common.collectedAt);
  const assessment = assess(output.text, {
    instanceId,
    nonce: command?.nonce ?? '',
    catalogue,
    foreseen,
  });
  if (assessment.kind === 'failed') return { ...common, ...kept, outcome: assessment };
  const { diagnosis, plan, figures, halfApplied, halfAppliedUnread } = assessment;
  const unread = halfAppliedUnread === undefined ? {} : { halfAppliedUnread };
  const offered = plan === undefined ? {} : { plan };
  return {
    ...common,
    ...kept,
    outcome: { kind: 'diagnosed', diagnosis, ...offered, figures: { ...figures }, halfApplied, ...unread },
  };
}
