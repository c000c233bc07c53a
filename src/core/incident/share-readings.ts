import type { Clock, CommandResults, NodeReadings } from '../ports.ts';
import type { NodeReading } from '../record/node-reading.ts';
import type { NodePlace } from '../record/place.ts';

/** For so long after it was asked for, a reading is also the answer to another incident. Our choice. */
const SHARED_MS = 60_000;
/**
 * A claim that no command follows for so long was left behind by a function that died. Sending takes a few seconds, and while Systems
 * Manager is slow up to half a minute for each try and each part of the nodes. Our choice.
 */
const SENDING_MS = 120_000;
/** The same of a claim of its own incident, of which one function at a time works: that one has failed, or died. */
const OWN_SENDING_MS = 30_000;

/** What sharing readings needs. */
export interface SharingPorts {
  readonly readings: NodeReadings;
  readonly commands: CommandResults;
  readonly clock: Clock;
  /** After so many seconds a command counts as lost. */
  readonly patienceSeconds: number;
}

/** What an incident wants to know of nodes. */
export interface ReadingWanted {
  readonly incidentId: string;
  readonly instanceIds: readonly string[];
  readonly nonce: string;
  /** Readings that were asked for before count for nothing, as before a change that is to be verified. */
  readonly since?: string | undefined;
  /** Whether its own readings answer it, too, while those of others would. */
  readonly hasOwn?: true | undefined;
  readonly place: NodePlace | undefined;
}

/** Which nodes an incident asks itself, whose readings it takes and for whose end it has to wait. */
export interface ClaimedReadings {
  readonly own: readonly string[];
  readonly shared: readonly { readonly instanceId: string; readonly reading: SentReading }[];
  readonly waiting: readonly string[];
}

/** A reading whose command was sent. */
export type SentReading = NodeReading & { readonly command: NonNullable<NodeReading['command']> };

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
  /** Incident that asked the nodes, where it is another one. */
  readonly askedBy?: string;
}

type Verdict = 'over' | 'shared' | 'in-the-way';

/** Claims the nodes that nobody asks at the moment, so that each has one collection in flight at most. */
export async function claimReadings(
  ports: SharingPorts,
  { instanceIds, ...wanted }: ReadingWanted,
): Promise<ClaimedReadings> {
  const { incidentId, nonce, place } = wanted;
  const own: string[] = [];
  const shared: { instanceId: string; reading: SentReading }[] = [];
  const waiting: string[] = [];
  for (const instanceId of instanceIds) {
    const answers: SentReading[] = [];
    const at = new Date(ports.clock.now()).toISOString();
    const mine: NodeReading = { incidentId, nonce, at, ...(place === undefined ? {} : { place }) };
    const theirs = await ports.readings.claim(instanceId, mine, async (reading) => {
      const verdict = await judge(ports, instanceId, reading, wanted);
      if (verdict === 'shared' && isSent(reading)) answers.push(reading);
      return verdict === 'over';
    });
    const answer = answers.find(({ nonce: asked }) => asked === theirs?.nonce);
    if (theirs === undefined) own.push(instanceId);
    else if (answer === undefined) waiting.push(instanceId);
    else shared.push({ instanceId, reading: answer });
  }
  return { own, shared, waiting };
}

const isSent = (reading: NodeReading): reading is SentReading => reading.command !== undefined;

/** What an earlier asking means for who wants to ask now. */
async function judge(
  { commands, clock, patienceSeconds }: SharingPorts,
  instanceId: string,
  reading: NodeReading,
  { incidentId, since, hasOwn }: Pick<ReadingWanted, 'incidentId' | 'since' | 'hasOwn'>,
): Promise<Verdict> {
  const ageMs = clock.now() - Date.parse(reading.at);
  if (!isSent(reading)) {
    const sendingMs = reading.incidentId === incidentId ? OWN_SENDING_MS : SENDING_MS;
    return ageMs > sendingMs ? 'over' : 'in-the-way';
  }
  const counts =
    (hasOwn === true || reading.incidentId !== incidentId) &&
    reading.isOutdated !== true &&
    (since === undefined || reading.at >= since);
  if (counts && ageMs <= SHARED_MS) return 'shared';
  if (ageMs > patienceSeconds * 1000) return 'over';
  if (await hasEnded(commands, reading, instanceId)) return 'over';
  return counts ? 'shared' : 'in-the-way';
}

/** A look that fails counts as one that saw nothing, as while a command is waited for. */
async function hasEnded(
  commands: CommandResults,
  { command, place }: SentReading,
  instanceId: string,
): Promise<boolean> {
  try {
    const { finished, total } = await commands.progress(command.id, [instanceId], place);
    return finished === total;
  } catch {
    return false;
  }
}

/** The commands that brought readings which are taken from elsewhere, each once with its nodes. @param own the incident that takes them */
export function borrowed(shared: ClaimedReadings['shared'], own: string): readonly SentCommand[] {
  const commands = new Map<string, SentCommand>();
  for (const { instanceId, reading } of shared) {
    const { command, nonce, at, place, incidentId } = reading;
    const key = `${command.id} ${nonce} ${at}`;
    const instanceIds = [...(commands.get(key)?.instanceIds ?? []), instanceId];
    commands.set(key, {
      commandId: command.id,
      documentHash: command.documentHash,
      nonce,
      at,
      instanceIds,
      ...(incidentId === own ? {} : { askedBy: incidentId }),
      ...(place === undefined ? {} : { place }),
    });
  }
  return [...commands.values()];
}
