import type { NodeCollection } from '../../../src/core/record/collection.ts';
import type { Incident, IncidentState, Remediation } from '../../../src/core/record/incident.ts';
import type { NodePlan } from '../../../src/core/record/plan.ts';
import { recordedCases } from './captures.ts';
import { stepTime } from './diagnoses.ts';
import { recordedIncident, recordedReading } from './recorded-incident.ts';

/** One incident of a recorded capture in one state. */
export interface RecordedState {
  /** `mode/name of the capture, state`. */
  readonly title: string;
  readonly capture: string;
  readonly incident: Incident;
}

const NODE = 'i-0aaaaaaaaaaaaaaa1';
const HEALTHY = 'not-the-node/healthy-busy';

const UNPLANNED: readonly IncidentState[] = ['diagnosed', 'no-fix-offered', 'resolved', 'failed'];
const BEFORE: readonly IncidentState[] = [
  'diagnosed',
  'awaiting-approval',
  'dismissed',
  'expired',
  'resolved',
  'failed',
];
const AFTER: readonly IncidentState[] = ['verifying', 'resolved', 'rolling-back', 'failed'];

/** Every recorded capture as an incident of one node in every state that its diagnosis leads to. */
export function everyIncident(): readonly RecordedState[] {
  return recordedCases().flatMap(({ mode, name }) => {
    const capture = `${mode}/${name}`;
    const reading = recordedReading(NODE, capture);
    const plan = reading.outcome.kind === 'diagnosed' ? reading.outcome.plan : undefined;
    const plain = (state: IncidentState) => one(capture, state, [reading], []);
    if (plan === undefined) return UNPLANNED.map(plain);
    const changed = changeOf(plan);
    const after = recordedReading(NODE, HEALTHY, 2);
    const back = recordedReading(NODE, capture, 3);
    return [
      ...BEFORE.map(plain),
      one(capture, 'applying-canary', [reading], [{ ...changed, outcome: undefined }]),
      ...AFTER.map((state) => one(capture, state, [reading, after], [changed], 'changed, ')),
      one(capture, 'rolled-back', [reading, after, back], [changed, UNDONE]),
    ];
  });
}

function one(
  capture: string,
  state: IncidentState,
  readings: readonly NodeCollection[],
  remediations: readonly (Omit<Remediation, 'outcome'> & { outcome?: Remediation['outcome'] | undefined })[],
  how = '',
): RecordedState {
  const steps = remediations.map(({ outcome, ...step }) =>
    outcome === undefined ? step : { ...step, outcome },
  );
  const incident = recordedIncident(state, readings, {
    remediations: steps,
    collection: readings.length,
  });
  return { title: `${capture}, ${how}${state}`, capture, incident };
}

const UNDONE: Remediation = {
  kind: 'rollback',
  instanceId: NODE,
  decision: 2,
  claimedAt: stepTime(7),
  finishedAt: stepTime(8),
  outcome: 'rolled-back',
  detail: 'Files and running values are as they were.',
};

/** The step that carried out a plan, with the numbers that a node reports. */
export function changeOf(plan: NodePlan): Remediation {
  const common = {
    instanceId: NODE,
    decision: 1,
    claimedAt: stepTime(3),
    finishedAt: stepTime(4),
    verification: { passed: true, why: `${NODE}: 0 drops in 10 s.`, collection: 2, at: stepTime(5) },
  };
  const moved = ({ from, to }: { readonly from: number; readonly to: number }) => ({
    before: from,
    after: to,
  });
  if (plan.kind === 'raise-max')
    return {
      ...common,
      kind: plan.kind,
      outcome: 'raised',
      max: moved(plan.max),
      buckets: moved(plan.buckets),
    };
  if (plan.kind === 'delete-udp-entries')
    return { ...common, kind: plan.kind, outcome: 'changed', deleted: 1 };
  return {
    ...common,
    kind: plan.kind,
    outcome: 'changed',
    values: plan.changes.map(({ key, ...move }) => ({ key, ...moved(move) })),
  };
}
