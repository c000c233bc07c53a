import { type Capture, readCapture } from '../capture/capture.ts';
import { limitIn, OUR_SYSCTL_FILE } from '../plan/rival-lines.ts';
import { EntryAddress, type Figures } from '../record/collection.ts';
import type { Diagnosis } from '../record/diagnosis.ts';

import type { NodePlan } from '../record/plan.ts';
import { valueOf } from '../snapshot/fact.ts';
import type { PersistenceFacts, Snapshot } from '../snapshot/snapshot.ts';
import { snapshotOf } from '../snapshot/snapshot-of.ts';
import { tableStateOf } from '../snapshot/table-state.ts';
import { diagnose } from './diagnose.ts';
import { fullestPool } from './port-use.ts';
import type { Catalogue } from './signature.ts';
import { trafficFigures } from './traffic.ts';

/** What a node's output means, or one sentence on why it means nothing. */
export type Assessment =
  | {
      readonly kind: 'diagnosed';
      readonly diagnosis: Diagnosis;
      readonly plan: NodePlan | undefined;
      readonly figures: Figures;
      readonly halfApplied: boolean;
      /** That was not read; then `halfApplied` says nothing. */
      readonly halfAppliedUnread?: true;
    }
  | { readonly kind: 'failed'; readonly why: string };

/**
 * Judges the output of one run of the collector. Total: any text gives an assessment.
 *
 * @param given.nonce the nonce that was sent with the run; sections with another one do not count
 * @param given.foreseen seconds until its table is likely to be full, where an early warning said so
 */
export function assess(
  text: string,
  given: { instanceId: string; nonce: string; catalogue: Catalogue; foreseen?: number | undefined },
): Assessment {
  const capture = readCapture(text, given.nonce);
  if (capture === undefined) {
    return {
      kind: 'failed',
      why: `${given.instanceId} returned no readable evidence; collect again or look at the raw output.`,
    };
  }
  return assessCapture(capture, given);
}

/** Judges a capture that was read already, with the figures that the card and the runbook show. */
export function assessCapture(
  capture: Capture,
  {
    instanceId,
    catalogue,
    foreseen,
  }: { instanceId: string; catalogue: Catalogue; foreseen?: number | undefined },
): Extract<Assessment, { kind: 'diagnosed' }> {
  const snapshot = {
    ...snapshotOf(capture),
    ...(foreseen === undefined ? {} : { foreseen: { fullInSeconds: foreseen } }),
  };
  const { diagnosis, plan } = diagnose(snapshot, catalogue, instanceId);
  return {
    kind: 'diagnosed',
    diagnosis: { ...diagnosis, node: instanceId },
    plan,
    figures: figuresOf(snapshot),
    halfApplied: valueOf(snapshot.halfApplied) ?? false,
    ...(snapshot.halfApplied.known ? {} : { halfAppliedUnread: true }),
  };
}

/** The numbers of a node that the card and the runbook show. */
export function figuresOf(snapshot: Snapshot): Figures {
  const { conntrack, windowSeconds, identity, persistence } = snapshot;
  const [use, losses] = [valueOf(conntrack.use), valueOf(conntrack.losses)];
  const [settings, handSettings] = [valueOf(snapshot.settings), valueOf(snapshot.handSettings)];
  const interfaces = valueOf(snapshot.interfaces);
  const fulls = valueOf(snapshot.neighbours)?.tableFulls;
  return dropUndefined({
    count: use?.last,
    highest: use === undefined || use.highest === use.last ? undefined : use.highest,
    max: use?.max,
    buckets: valueOf(conntrack.buckets),
    windowSeconds: valueOf(windowSeconds),
    fullDrops: losses === undefined ? undefined : Number(losses.full.low),
    earlyDrops: losses === undefined ? undefined : Number(losses.earlyDrop),
    kernel: valueOf(identity.kernel),
    bootId: valueOf(identity.bootId),
    kubeProxyAgeSeconds: valueOf(snapshot.kubeProxy)?.runningSeconds,
    kubeProxyVersion: valueOf(snapshot.kubeProxy)?.version,
    limitLines: limitLinesOf(valueOf(persistence)),
    settings: settings === undefined ? undefined : Object.fromEntries(settings),
    handSettings: handSettings === undefined ? undefined : Object.fromEntries(handSettings),
    interfaces: interfaces === undefined ? undefined : [...interfaces],
    fullNetns: tableStateOf(snapshot).foreignLines.findLast(({ netns }) => netns !== undefined)?.netns,
    translatedPort: translatedPortOf(snapshot),
    chainTooLong: losses === undefined ? undefined : Number(losses.chainTooLong),
    neighbours: valueOf(snapshot.neighbourTable)?.entries,
    neighbourFulls: fulls === undefined ? undefined : Number(fulls),
    traffic: trafficFigures(snapshot),
    sockets: socketsOf(snapshot),
    podSockets: podSocketsOf(snapshot),
    ports: portsOf(snapshot),
    states: statesOf(snapshot),
    destinations: destinationsOf(snapshot),
  });
}

function socketsOf({ sockets, established }: Snapshot): Figures['sockets'] {
  if (!sockets.known) return undefined;
  const { tcpInUse, tcp6InUse = 0, timeWait, orphans } = sockets.value;
  return {
    inUse: tcpInUse + tcp6InUse,
    timeWait,
    orphans,
    ...(established.known ? { established: established.value } : {}),
  };
}

/** Pods whose sockets the incident's page tells of; the node lists no more. */
const POD_SOCKETS_MAX = 8;

function podSocketsOf({ podSockets }: Snapshot): Figures['podSockets'] {
  if (!podSockets.known) return undefined;
  const { found, hidden, namespaces, others } = podSockets.value;
  const unread = Math.max(0, found - namespaces.length - (others?.namespaces ?? 0)) + hidden;
  return {
    pods: namespaces
      .filter(({ inUse, timeWait }) => inUse + timeWait > 0)
      .slice(0, POD_SOCKETS_MAX)
      .map(({ netns, pod, established, timeWait, inUse, counted, states }) => ({
        netns,
        ...(pod === undefined ? {} : { pod }),
        established,
        timeWait,
        inUse,
        ...(counted === 'none' ? {} : { states: Object.fromEntries(states) }),
        ...(counted === 'first' ? { isLeast: true as const } : {}),
      })),
    ...(others === undefined ? {} : { others }),
    ...(unread === 0 ? {} : { unread }),
  };
}

/** Busiest ports that the card names; never an address of a client. */
const PORTS_MAX = 3;

function portsOf({ entries }: Snapshot): Figures['ports'] {
  if (!entries.known) return undefined;
  const { ports, groupError: error } = entries.value;
  return ports
    .filter(({ port }) => port <= 65_535)
    .slice(0, PORTS_MAX)
    .map((port) => ({ ...port, error }));
}

/** States that the incident's page tells of, and destinations. */
const STATES_MAX = 8;
const DESTINATIONS_MAX = 5;
/** A name as the kernel prints it; anything else is no state of an entry. */
const KERNEL_NAME = /^[\w-]{1,20}$/;

/** Assured and not yet assured entries of one state are one: what fills a table is the state. */
function statesOf({ entries }: Snapshot): Figures['states'] {
  if (!entries.known) return undefined;
  const { states, stateError: error } = entries.value;
  const sums = new Map<string, NonNullable<Figures['states']>[number]>();
  for (const { protocol, state, isUnreplied, share } of states) {
    if (!KERNEL_NAME.test(protocol) || (state !== undefined && !KERNEL_NAME.test(state))) continue;
    const key = `${protocol} ${state ?? ''} ${isUnreplied}`;
    const known = sums.get(key)?.share ?? 0;
    const named = state === undefined ? { protocol } : { protocol, state };
    sums.set(key, { ...named, isUnreplied, share: known + share, error });
  }
  return [...sums.values()].toSorted((a, b) => b.share - a.share).slice(0, STATES_MAX);
}

function destinationsOf({ entries }: Snapshot): Figures['destinations'] {
  if (!entries.known) return undefined;
  const { destinations, groupError: error } = entries.value;
  return destinations
    .flatMap(({ protocol = '', address, port, share }) => {
      const isTold =
        KERNEL_NAME.test(protocol) &&
        EntryAddress.safeParse(address).success &&
        (port === undefined || port <= 65_535);
      return isTold ? [{ protocol, address, ...(port === undefined ? {} : { port }), share, error }] : [];
    })
    .slice(0, DESTINATIONS_MAX);
}

/** Port of the fullest pool of translated ports. */
function translatedPortOf(snapshot: Snapshot): Figures['translatedPort'] {
  const { protocol, remotePort: port } = fullestPool(snapshot)?.group ?? {};
  if ((protocol !== 'tcp' && protocol !== 'udp') || port === undefined || port < 1 || port > 65_535)
    return undefined;
  return { protocol, port };
}

/** Most lines of others that the record keeps of one node. */
const LIMIT_LINES_MAX = 5;

function limitLinesOf(persistence: PersistenceFacts | undefined): Figures['limitLines'] {
  const lines = (persistence?.lines ?? []).flatMap(({ file, line, text }) => {
    const value = limitIn({ text });
    return value === undefined || file.endsWith(`/${OUR_SYSCTL_FILE}`) ? [] : [{ file, line, value }];
  });
  return lines.length === 0 ? undefined : lines.slice(0, LIMIT_LINES_MAX);
}

type WithoutUndefined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function dropUndefined<T extends object>(object: T): WithoutUndefined<T> {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== undefined),
  ) as WithoutUndefined<T>;
}
