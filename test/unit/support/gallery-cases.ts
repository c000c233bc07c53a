import { catalogue } from '../../../runbooks/index.ts';
import { warningAlarm } from '../../../src/core/incident/warning-alarm.ts';
import type { NodeCollection } from '../../../src/core/record/collection.ts';
import type { Decision, Incident, IncidentState, Remediation } from '../../../src/core/record/incident.ts';
import type { JoinedAlarm } from '../../../src/core/record/joined/alarm.ts';
import type { NodePlan } from '../../../src/core/record/plan.ts';
import { recordedCases } from './captures.ts';
import { stepTime } from './diagnoses.ts';
import { changeOf } from './every-incident.ts';
import { ANA, buildIncident, CARD, TEAM } from './incidents.ts';
import { recordedIncident, recordedReading } from './recorded-incident.ts';
import { buildTrace } from './syn-traces.ts';

/** One card of the gallery. */
export interface GalleryCase {
  readonly verdict: string;
  readonly state: IncidentState;
  readonly nodes: number;
  /** What is the matter beside the state: that it is an early warning, that SYNs were traced, that other alarms joined. */
  readonly moment?: string;
  readonly incident: Incident;
}

/** How many nodes an alarm means: one, a few, a fleet. */
const SIZES = [1, 3, 41] as const;
/** Of a fleet, how many nodes are ill. */
const ILL_MOST = 3;
const HOME = { partition: 'aws', region: 'eu-central-1', account: '111122223333' } as const;
const HEALTHY = 'not-the-node/healthy-busy';
/** Its table fills slowly, and only an early warning brings it a raise. */
const GROWING = 'not-the-node/app-fd-exhausted';

const UNPLANNED: readonly IncidentState[] = [
  'collecting',
  'diagnosed',
  'no-fix-offered',
  'resolved',
  'failed',
];
const BEFORE: readonly IncidentState[] = [
  'collecting',
  'diagnosed',
  'awaiting-approval',
  'dismissed',
  'expired',
];
const AFTER: readonly IncidentState[] = [
  'applying-canary',
  'verifying',
  'applied-one',
  'applying-rest',
  'resolved',
  'partially-applied',
  'rolling-back',
  'rolled-back',
  'failed',
];

const idOf = (index: number): string => `i-0a11ce${index.toString(16).padStart(11, '0')}`;

/** Every verdict that a recorded capture has, in every state that it leads to, on one node, on a few and on a fleet. */
export function galleryCases(): readonly GalleryCase[] {
  const captures = new Map(
    recordedCases()
      .filter(({ mode, expected }) => mode === expected.verdict)
      .toReversed()
      .map(({ mode, name }) => [mode, `${mode}/${name}`]),
  );
  return catalogue.flatMap(({ id }) => {
    const capture = captures.get(id);
    return capture === undefined
      ? []
      : SIZES.flatMap((nodes) => [
          ...casesOf(id, capture, nodes).flatMap((one) => [one, ...momentsOf(one)]),
          ...(id === 'near-full' ? [warned(nodes)] : []),
        ]);
  });
}

/** A card that waits for a click, as it is in the moments that are no states. */
function momentsOf(one: GalleryCase): readonly GalleryCase[] {
  const { incident, verdict, nodes, state } = one;
  if (verdict !== 'table-full' || state !== 'awaiting-approval') return [];
  const moments: Readonly<Record<string, Incident>> = {
    'SYNs are traced': withTrace(incident, 'running'),
    'trace agrees': withTrace(incident, 'for'),
    'trace disagrees': withTrace(incident, 'against'),
    'trace failed': withTrace(incident, 'failed'),
    ...(nodes > 1 && { 'alarms joined': joinedBy(incident, 16) }),
  };
  return Object.entries(moments).map(([moment, its]) => ({ ...one, moment, incident: its }));
}

/** Nodes whose tables fill for hours, as the sweep foresees it and before an alarm fires. */
function warned(nodes: number): GalleryCase {
  const foreseen = Array.from({ length: Math.min(nodes, ILL_MOST) }, (_, index) => 3 * 3600 + index * 900);
  const readings = Array.from({ length: nodes }, (_, index) =>
    recordedReading(idOf(index), index < foreseen.length ? GROWING : HEALTHY, 1, foreseen[index]),
  );
  const why = `${idOf(0)}: 74 % of 26,000 in use, full in about 3 h (2 h to 5 h).`;
  const instanceIds = foreseen.map((_, index) => idOf(index));
  const alarm = warningAlarm({ instanceIds, state: 'ALARM', why, at: stepTime(0) }, HOME);
  const state = 'awaiting-approval';
  return {
    verdict: 'near-full',
    state,
    nodes,
    moment: 'early warning',
    incident: recordedIncident(state, readings, { alarm }),
  };
}

const withTrace = (incident: Incident, what: Parameters<typeof buildTrace>[1]): Incident => ({
  ...incident,
  head: { ...incident.head, synTraces: [buildTrace(incident.head, what)] },
});

const joinedAlarm = (index: number): JoinedAlarm => {
  const name = `orders-p99-${index + 1}`;
  return {
    incidentId: `20261123T140000-${index.toString(16).padStart(8, '0')}`,
    arn: `arn:aws:cloudwatch:eu-central-1:111122223333:alarm:${name}`,
    name,
    joinedAt: stepTime(0),
    firedAt: stepTime(0),
    ...(index % 5 === 4 && { okAt: stepTime(2) }),
  };
};

/** Taken in alarms of other incidents about nodes of one zone, of which some are OK again. */
function joinedBy(incident: Incident, others: number): Incident {
  const { head } = incident;
  const alarms = Array.from({ length: others }, (_, index) => joinedAlarm(index));
  const nodes = head.nodes.map((node, index) => ({
    ...node,
    zone: index < ILL_MOST ? 'eu-central-1a' : 'eu-central-1b',
    instanceType: 'm5.large',
  }));
  return { ...incident, alarms, head: { ...head, nodes } };
}

function casesOf(verdict: string, capture: string, nodes: number): GalleryCase[] {
  const ill = Math.min(nodes, ILL_MOST);
  const readings = Array.from({ length: nodes }, (_, index) =>
    recordedReading(idOf(index), index < ill ? capture : HEALTHY),
  );
  const plans = readings.flatMap(({ outcome }) =>
    outcome.kind === 'diagnosed' && outcome.plan !== undefined ? [outcome.plan] : [],
  );
  const plain = (state: IncidentState): GalleryCase => ({
    verdict,
    state,
    nodes,
    incident: state === 'collecting' ? unread(readings) : recordedIncident(state, readings),
  });
  if (plans.length === 0) return UNPLANNED.map(plain);
  const after = AFTER.filter((state) => plans.length > 1 || !NEEDS_OTHERS.has(state));
  return [...BEFORE.map(plain), ...after.map((state) => changed({ verdict, state, nodes }, readings, plans))];
}

/** The nodes were found, and none has answered yet. */
function unread(readings: readonly NodeCollection[]): Incident {
  const { head, ...rest } = buildIncident('collecting', { nodes: readings.length });
  const nodes = head.nodes.map((node, index) => ({ ...node, instanceId: idOf(index) }));
  return { ...rest, head: { ...head, nodes } };
}

/** States that only several planned nodes lead to. */
const NEEDS_OTHERS: ReadonlySet<IncidentState> = new Set([
  'applied-one',
  'applying-rest',
  'partially-applied',
]);

function changed(
  about: Pick<GalleryCase, 'verdict' | 'state' | 'nodes'>,
  readings: readonly NodeCollection[],
  plans: readonly NodePlan[],
): GalleryCase {
  const steps = stepsIn(about.state, plans.map(doneOn));
  const read = new Set(
    steps.flatMap(({ instanceId, verification }) => (verification === undefined ? [] : [instanceId])),
  );
  const again = [...read].map((instanceId) => recordedReading(instanceId, HEALTHY, 2));
  const incident = recordedIncident(about.state, [...readings, ...again], {
    remediations: [...steps],
    decisions: decisionsIn(about.state),
    collection: again.length > 0 ? 2 : 1,
  });
  const { plan } = incident.head;
  if (about.state !== 'applied-one' || plan === undefined) return { ...about, incident };
  // What is left to be decided then is a plan of the others.
  const rest = { ...plan, nodes: plan.nodes.slice(1) };
  return { ...about, incident: { ...incident, head: { ...incident.head, plan: rest } } };
}

function doneOn(plan: NodePlan): Remediation {
  const { instanceId } = plan;
  const why = `${instanceId}: 0 drops in 10 s.`;
  return {
    ...changeOf(plan),
    instanceId,
    verification: { passed: true, why, collection: 2, at: stepTime(5) },
  };
}

const claimOf = ({ kind, instanceId, decision, claimedAt }: Remediation): Remediation => ({
  kind,
  instanceId,
  decision,
  claimedAt,
});

function stepsIn(state: IncidentState, done: readonly Remediation[]): readonly Remediation[] {
  const [first, ...others] = done;
  if (first === undefined) return [];
  const { verification: _unverified, ...sent } = first;
  const why = 'The canary still drops packets after the change; no other node was touched.';
  const [second] = others;
  const detail = 'Systems Manager lost the node; read it before trying again';
  const steps: Partial<Record<IncidentState, readonly Remediation[]>> = {
    'applying-canary': [claimOf(first)],
    verifying: [sent],
    'applied-one': [first],
    'applying-rest': [first, ...others.map(claimOf)],
    'partially-applied': [
      first,
      ...(second === undefined
        ? []
        : [{ ...claimOf(second), finishedAt: stepTime(4), outcome: 'failed' as const, detail }]),
    ],
    failed: [{ ...first, verification: { passed: false, why, collection: 2, at: stepTime(5) } }],
    'rolled-back': [...done, ...done.map(undone)],
  };
  return steps[state] ?? done;
}

const undone = ({ instanceId }: Remediation): Remediation => ({
  kind: 'rollback',
  instanceId,
  decision: 2,
  claimedAt: stepTime(7),
  finishedAt: stepTime(8),
  outcome: 'rolled-back',
  detail: 'Files and running values are as they were.',
});

function decisionsIn(state: IncidentState): Decision[] {
  const slack = { team: TEAM, channel: CARD.channel, message: CARD.message };
  const kind = state === 'applied-one' || state === 'applying-canary' ? 'apply-one' : 'apply-all';
  const first: Decision = { number: 1, kind, actor: ANA, at: stepTime(3), slack };
  return state === 'rolling-back' || state === 'rolled-back'
    ? [first, { ...first, number: 2, kind: 'rollback', at: stepTime(6) }]
    : [first];
}
