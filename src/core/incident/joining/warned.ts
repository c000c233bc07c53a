import { RecordRefusedError } from '../../errors.ts';
import { type IncidentHead, WORKFLOW } from '../../record/incident.ts';
import type { Warned } from '../../record/joined/foreseen.ts';
import { isClosed, transition } from '../../record/transitions.ts';
import { pendingDecision } from '../decide.ts';
import { isWarning } from '../warning-alarm.ts';
import { findPlace, type JoinPorts, leaderOf, nodesFor, type Place, standsAlone } from './join.ts';
import { joinQuiet } from './quiet-place.ts';
import { BEFORE_A_CLICK, type JoinRules, withNodes } from './rules.ts';

/** Nodes of which it is kept what was foreseen (src/core/record/joined/foreseen.ts). */
const FORESEEN_MOST = 100;
/** How often a note is tried when others keep being first; the one that is last is as true. */
const ATTEMPTS = 8;

/** Warnings that gave their nodes to an incident as it found its place, whose cards have changed. */
export interface WarnedPlace {
  readonly tookOver?: readonly string[];
}

/**
 * As {@link findPlace}, with incidents that have ended without a fix and with early warnings: one about nodes that open incidents have is theirs already, and one that stands before
 * an alarm of its nodes becomes that alarm's incident.
 */
export async function findPlaceAndWarnings(
  ports: JoinPorts,
  id: string,
  rules: JoinRules,
  how: { readonly isPatient: boolean },
): Promise<Place & WarnedPlace> {
  const head = await ports.store.head(id);
  if (head !== undefined && isWarning(head.alarm) && head.joinedTo === undefined) {
    const known = await noteWarned(ports, head);
    return known === undefined ? { kind: 'leads' } : { kind: 'joined', to: known };
  }
  const quiet = head === undefined ? undefined : await joinQuiet(ports, head, rules);
  if (quiet !== undefined) return { kind: 'joined', to: quiet };
  const place = await findPlace(ports, id, rules, how);
  const leader = place.kind === 'joined' ? place.to : place.kind === 'leads' ? id : undefined;
  if (head === undefined || leader === undefined || standsAlone(head.alarm)) return place;
  const tookOver = await takeOverWarnings(ports, leader, head);
  return tookOver.length === 0 ? place : { ...place, tookOver };
}

/**
 * Notes of each node of a warning that it is warned of, so that an alarm finds that; unless open incidents have all of them, which
 * then know it already.
 * @returns the incident that has them, which the warning has joined
 */
async function noteWarned({ store, clock }: JoinPorts, head: IncidentHead): Promise<string | undefined> {
  const holders: IncidentHead[] = [];
  for (const { instanceId } of head.nodes) {
    let over: string | undefined;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      over = await store.joins.claimWarned(instanceId, head.id, over);
      if (over === undefined) break;
    }
    const holder = await store.joins.holderOf(instanceId);
    const open = holder === undefined ? undefined : await leaderOf(store, holder);
    if (open !== undefined && open.id !== head.id && !isClosed(open.state)) holders.push(open);
  }
  const [first] = holders;
  if (first === undefined || holders.length < head.nodes.length) return undefined;
  const at = new Date(clock.now()).toISOString();
  const why = `Its nodes are those of ${first.id}, whose alarm ${first.alarm.name} has fired.`;
  return (await endAsJoined(store, head.id, first.id, at, why)) ? first.id : undefined;
}

/** @returns the warnings that gave their nodes to the incident, whose cards have changed */
async function takeOverWarnings(
  { store, clock }: JoinPorts,
  leaderId: string,
  { nodes, alarm, id }: IncidentHead,
): Promise<readonly string[]> {
  const warnings = new Set<string>();
  for (const { instanceId } of nodes) {
    const warning = await store.joins.warnedBy(instanceId);
    if (warning !== undefined && warning !== id) warnings.add(warning);
  }
  const tookOver: string[] = [];
  const at = new Date(clock.now()).toISOString();
  for (const warningId of warnings) {
    const warning = await store.head(warningId);
    const leader = await store.head(leaderId);
    if (warning === undefined || leader === undefined || leader.warned?.incidentId === warningId) continue;
    if (!(await stands(store, warning))) continue;
    const why = `It became ${leaderId}: the alarm ${alarm.name} fired on its nodes.`;
    const isOurs = await endAsJoined(store, warningId, leaderId, at, why);
    const brought = isOurs ? await nodesFor(store, leaderId, warning) : [];
    const noted = await store.update(leaderId, (now) =>
      isClosed(now.state)
        ? now
        : withNodes({ ...now, warned: warnedBy(now.warned, warning, isOurs) }, brought, clock.now()),
    );
    if (!noted.ok) throw new RecordRefusedError(noted.refusal);
    if (isOurs) {
      await store.close(warning);
      tookOver.push(warningId);
    }
  }
  return tookOver;
}

/** What an incident knows of the warnings of its nodes with one more: the one that stood first, and what all of them foresaw. */
function warnedBy(
  before: Warned | undefined,
  { id, alarm: { changedAt, foreseen = [] } }: IncidentHead,
  isOurs: boolean,
): Warned {
  const isFirst = before === undefined || changedAt < before.since;
  const known = (before?.foreseen ?? []).filter(
    ({ instanceId }) => !foreseen.some((one) => one.instanceId === instanceId),
  );
  const all = [...known, ...foreseen].slice(0, FORESEEN_MOST);
  return {
    incidentId: isFirst ? id : before.incidentId,
    since: isFirst ? changedAt : before.since,
    ...(isOurs || before?.becameThis === true ? { becameThis: true } : {}),
    ...(all.length === 0 ? {} : { foreseen: all }),
  };
}

/** Whether what was warned of is not over: nobody has healed it, and its own OK has not come. */
async function stands(store: JoinPorts['store'], { alarm, state, seen }: IncidentHead): Promise<boolean> {
  if (state === 'resolved' || state === 'rolled-back') return false;
  const okAt = await store.lastOkOf(alarm.arn);
  return okAt === undefined || okAt <= seen.lastAt;
}

/**
 * Ends a warning on whose card nobody has clicked.
 * @returns whether it is the other one's now, also where that was so before
 */
async function endAsJoined(
  store: JoinPorts['store'],
  id: string,
  to: string,
  at: string,
  why: string,
): Promise<boolean> {
  const ended = await store.update(id, (head) => {
    const decided = pendingDecision(head);
    const isFree =
      BEFORE_A_CLICK.has(head.state) &&
      head.remediations.length === 0 &&
      (decided === undefined || decided.kind === 'new-nodes');
    return isFree ? { ...transition(head, 'joined', WORKFLOW, at, why), joinedTo: to } : head;
  });
  return ended.ok && ended.head.joinedTo === to;
}
