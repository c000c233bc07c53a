import { catalogue } from '../../../runbooks/index.ts';
import type { NodeCollection } from '../../../src/core/record/collection.ts';
import type { Decision, Incident, IncidentState, Remediation } from '../../../src/core/record/incident.ts';
import type { NodePlan } from '../../../src/core/record/plan.ts';
import { recordedCases } from './captures.ts';
import { stepTime } from './diagnoses.ts';
import { changeOf } from './every-incident.ts';
import { ANA, buildIncident, CARD, TEAM } from './incidents.ts';
import { recordedIncident, recordedReading } from './recorded-incident.ts';

/** One card of the gallery. */
export interface GalleryCase {
  readonly verdict: string;
  readonly state: IncidentState;
  readonly nodes: number;
  readonly incident: Incident;
}

/** How many nodes an alarm means: one, a few, a fleet. */
const SIZES = [1, 3, 41] as const;
/** Of a fleet, how many nodes are ill. */
const ILL_MOST = 3;
const HEALTHY = 'not-the-node/healthy-busy';

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
    return capture === undefined ? [] : SIZES.flatMap((nodes) => casesOf(id, capture, nodes));
  });
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
