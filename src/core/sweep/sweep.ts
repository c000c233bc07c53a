import { messageOf } from '../errors.ts';
import type { WarningHours } from '../fleet/hours.ts';
import type { ProbeReading } from '../fleet/reading.ts';
import type { Unseen } from '../fleet/unseen.ts';
import type { WarningRequest } from '../incident/warning-alarm.ts';
import type { Clock, Log } from '../ports.ts';
import type { JudgedSweep, SweptNode } from './found.ts';
import { sweepGroups } from './groups.ts';
import { judgeNode } from './judge.ts';
import { type Lease, underLease } from './lease.ts';
import type {
  NodeSight,
  PrintMetrics,
  RoundState,
  Samples,
  SeriesStore,
  SweepState,
  SweptNodes,
} from './ports.ts';
import { sweepReport } from './report.ts';
import { ROUND_LIFE, type Round, secondsFor } from './round.ts';
import { type KeptWarning, toldWords, warningsToTell, withOwed } from './warn.ts';

/** What a sweep needs. */
export interface SweepPorts {
  readonly nodes: SweptNodes;
  readonly samples: Samples;
  readonly series: SeriesStore;
  readonly state: SweepState;
  readonly metrics: PrintMetrics;
  readonly clock: Clock;
  readonly log: Log;
  /** 16 of a-z and 0-9, new for each round. */
  readonly newNonce: () => string;
  readonly pause: (seconds: number) => Promise<void>;
  /** Opens or ends a quiet incident; done twice it changes nothing. */
  readonly warn: (request: WarningRequest) => Promise<void>;
}

/** What a deployment decides of its sweeps. */
export interface SweepSettings {
  readonly everyMinutes: number;
  /** Seconds between two looks at how far the commands are; five unless told. */
  readonly lookSeconds?: number;
  readonly hours: WarningHours;
}

/**
 * What became of an invocation. `busy`: another one sweeps. `left`: its time was over before the round was, and the next one goes on
 * with it.
 */
export type Swept =
  | { readonly state: 'busy' }
  | { readonly state: 'left'; readonly finished: number; readonly total: number }
  | { readonly state: 'done'; readonly nodes: number; readonly unseen: number; readonly takenUp: boolean };

/** Seconds between two looks at how far the commands are, where nothing else is told. */
const LOOK_SECONDS = 5;
/** Characters of what is kept of a failure. */
const FAULT_MOST = 400;
/** Nodes whose readings are stored and judged beside each other. */
const NODES_AT_ONCE = 16;

/**
 * Looks at every node of the fleet once. Of two at the same time one sweeps; a round that was left half-way, by its time or its end,
 * is gone on with by its answers, which change nothing when they are read twice.
 *
 * @param until when to leave the round to the next invocation, in milliseconds since 1970
 */
export async function sweep(
  ports: SweepPorts,
  settings: SweepSettings,
  holder: string,
  until: number,
): Promise<Swept> {
  const { state, clock, nodes } = ports;
  const taken = await state.take(holder, clock.now());
  if (taken === 'busy') return { state: 'busy' };
  const before = taken.unfinished;
  const takenUp = isWorthIt(before, clock.now(), ports.samples) ? before : undefined;
  let round: Round | undefined = takenUp;
  try {
    const swept = await underLease(ports, holder, async (lease): Promise<Swept> => {
      const fleet = await nodes.list();
      const faults: string[] = [];
      round ??= await begin(ports, holder, fleet.nodes.length, settings.everyMinutes, faults);
      const patience = patienceWith(fleet.nodes, settings.everyMinutes);
      const { lookSeconds = LOOK_SECONDS } = settings;
      const { finished, total, isOver } = await waited(
        ports,
        lease,
        round,
        { ...patience, lookSeconds },
        until,
      );
      if (!isOver) return { state: 'left', finished, total };
      const warnings = await state.warnings();
      const judged = await look(ports, lease, settings.hours, round, fleet.nodes, warnings, faults);
      await report(ports, judged, round, { untagged: fleet.untagged.length, fault: faults[0] });
      await tell(ports, lease, judged, warnings);
      const unseen = judged.filter((one) => one.unseen !== undefined).length;
      return { state: 'done', nodes: judged.length, unseen, takenUp: takenUp !== undefined };
    });
    await state.release(holder, swept.state === 'left' ? round : undefined);
    return swept;
  } catch (error) {
    await state.release(holder, round?.commands === undefined ? undefined : round);
    throw error;
  }
}

/** A round whose commands are not all known and ours, or that is too old, is begun anew: taking samples changes nothing. */
function isWorthIt(round: Round | undefined, now: number, samples: Samples): boolean {
  const { commands, startedAt = 0 } = round ?? {};
  return commands?.every((id) => samples.isOwn(id)) === true && now - startedAt < ROUND_LIFE;
}

async function begin(
  { samples, state, clock, log, newNonce }: SweepPorts,
  holder: string,
  nodes: number,
  everyMinutes: number,
  faults: string[],
): Promise<Round> {
  const started: Round = { nonce: newNonce(), startedAt: clock.now() };
  let commands: readonly string[] = [];
  try {
    commands = await samples.take(started.nonce, nodes, everyMinutes);
  } catch (error) {
    // Then no node is seen, and every one is counted as such.
    faults.push(messageOf(error));
    log('sweep-not-sent', { error: messageOf(error) });
  }
  const round = { ...started, commands: [...commands] };
  await state.note(holder, round, clock.now());
  return round;
}

/** For whom a sweep does not wait, once all others must have answered. */
interface Patience {
  /** Nodes whose agents do not answer: a command to one of them stays under way until its time is over. */
  readonly offline: number;
  /** Milliseconds after which they are no longer waited for. */
  readonly beginsAfter: number;
}

const patienceWith = (nodes: readonly SweptNode[], everyMinutes: number): Patience => ({
  offline: nodes.filter(({ isOnline }) => !isOnline).length,
  beginsAfter: (secondsFor(nodes.length, everyMinutes) + 3 * LOOK_SECONDS) * 1_000,
});

/** Waits until every node has answered or the round is as old as it may get. Nobody else sweeps meanwhile. */
async function waited(
  { samples, clock, pause, log }: SweepPorts,
  lease: Lease,
  round: Round,
  { offline, beginsAfter, lookSeconds }: Patience & { readonly lookSeconds: number },
  until: number,
): Promise<{ readonly finished: number; readonly total: number; readonly isOver: boolean }> {
  for (;;) {
    const counts = { finished: 0, total: 0 };
    let isKnown = true;
    for (const commandId of round.commands ?? []) {
      try {
        const { finished, total } = await samples.progress(commandId);
        counts.finished += finished;
        counts.total += total;
      } catch (error) {
        isKnown = false;
        log('sweep-progress-not-read', { error: messageOf(error) });
      }
    }
    const now = clock.now();
    const age = now - round.startedAt;
    const missing = age < beginsAfter ? 0 : offline;
    const isDone = isKnown && counts.finished >= counts.total - missing;
    if (isDone || now - round.startedAt >= ROUND_LIFE) return { ...counts, isOver: true };
    if (now + lookSeconds * 1_000 >= until) return { ...counts, isOver: false };
    await pause(lookSeconds);
    lease.check();
  }
}

/** Reads all answers, stores what they show and judges every node, also those of which none came. */
async function look(
  ports: SweepPorts,
  lease: Lease,
  hours: WarningHours,
  round: Round,
  nodes: readonly SweptNode[],
  warnings: Readonly<Record<string, KeptWarning>>,
  faults: string[],
): Promise<readonly JudgedSweep[]> {
  const { samples, series, clock, log } = ports;
  let state: RoundState = (round.commands ?? []).length === 0 ? 'not-taken' : 'read';
  const seen = new Map<string, { readonly readings: readonly ProbeReading[]; readonly unseen?: Unseen }>();
  const known = new Set(nodes.map(({ instanceId }) => instanceId));
  const take = async ({ instanceId, reading, unseen }: NodeSight): Promise<void> => {
    lease.check();
    const earlier = seen.get(instanceId);
    // A node with two of the tags is answered for twice: what was seen once counts.
    if (!known.has(instanceId) || (earlier !== undefined && earlier.unseen === undefined)) return;
    const now = clock.now();
    const readings =
      reading === undefined
        ? await series.read(instanceId, 2, now)
        : await series.keep(instanceId, reading, now);
    seen.set(instanceId, { readings, ...(unseen === undefined ? {} : { unseen }) });
  };
  for (const id of round.commands ?? []) {
    try {
      for await (const page of samples.sights(id, round, nodes, clock)) await eachOf(page, take);
    } catch (error) {
      // What was not read says so of each node.
      state = 'not-read';
      faults.push(messageOf(error));
      log('sweep-answers-not-read', { error: messageOf(error) });
    }
  }
  const judged: JudgedSweep[] = [];
  await eachOf(nodes, async (node) => {
    lease.check();
    const now = clock.now();
    const { instanceId } = node;
    const found = seen.get(instanceId);
    const readings = found?.readings ?? (await series.read(instanceId, 2, now));
    const unseen =
      found !== undefined && found.unseen === undefined
        ? undefined
        : samples.whyUnseen(node, found?.unseen, state);
    const before = warnings[instanceId];
    judged.push(
      await judgeNode(
        { node, readings, ...(unseen === undefined ? {} : { unseen }) },
        before,
        series,
        hours,
        now,
      ),
    );
  });
  return judged;
}

async function report(
  { state, metrics, clock }: SweepPorts,
  judged: readonly JudgedSweep[],
  { startedAt }: Round,
  { untagged, fault }: { readonly untagged: number; readonly fault: string | undefined },
): Promise<void> {
  const now = clock.now();
  const groups = sweepGroups(judged, untagged);
  await state.keepReport(
    sweepReport(judged, groups, { startedAt, now, untagged, fault: fault?.slice(0, FAULT_MOST) }),
  );
  metrics(groups, now);
}

/**
 * Tells what begins and what is over. It is kept as owed before: what could not be told, or was told by one who died after it, is
 * told by the next sweep with the same nodes. One that fails stops none of the others.
 */
async function tell(
  { state, clock, log, warn }: SweepPorts,
  lease: Lease,
  judged: readonly JudgedSweep[],
  before: Readonly<Record<string, KeptWarning>>,
): Promise<void> {
  const { requests, kept } = warningsToTell(judged, before, clock.now());
  if (requests.length > 0) await state.keepWarnings(withOwed(kept, before, requests));
  const left: WarningRequest[] = [];
  for (const request of requests) {
    lease.check();
    try {
      await warn(request);
    } catch (error) {
      left.push(request);
      log('sweep-warnings-not-told', { error: messageOf(error) });
    }
  }
  const told = requests.filter((request) => !left.includes(request));
  if (told.length > 0) log('sweep-warned', { told: toldWords(told) });
  await state.keepWarnings(withOwed(kept, before, left));
}

/** Does something for each, some beside each other. */
async function eachOf<T>(all: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let one = all[next++]; one !== undefined; one = all[next++]) await act(one);
  };
  await Promise.all(Array.from({ length: NODES_AT_ONCE }, work));
}
