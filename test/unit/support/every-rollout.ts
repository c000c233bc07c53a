import { catalogue } from '../../../runbooks/index.ts';
import { isReversible, plannedValues } from '../../../src/core/plan/kinds.ts';
import type { NodeCollection } from '../../../src/core/record/collection.ts';
import type { DriftCheck } from '../../../src/core/record/drift-check.ts';
import type {
  Incident,
  IncidentHead,
  IncidentState,
  Remediation,
} from '../../../src/core/record/incident.ts';
import { WORKFLOW } from '../../../src/core/record/incident.ts';
import type { NodePlan } from '../../../src/core/record/plan.ts';
import { checkDrift } from '../../../src/core/remediation/drift.ts';
import { type Expectation, outcomeFromNode } from '../../../src/core/remediation/outcome.ts';
import { rolloutEnd } from '../../../src/core/remediation/rollout.ts';
import { remediationOf, verifyChange, whyNotRolledBack } from '../../../src/core/remediation/verify.ts';
import { groupNumbers } from '../../../src/core/words.ts';
import { recordedCases } from './captures.ts';
import { stepTime } from './diagnoses.ts';
import { changeOf, type RecordedState } from './every-incident.ts';
import { recordedIncident, recordedReading } from './recorded-incident.ts';

const FIRST = 'i-0aaaaaaaaaaaaaaa1';
const SECOND = 'i-0bbbbbbbbbbbbbbb2';
const THIRD = 'i-0ccccccccccccccc3';
const HEALTHY = 'not-the-node/healthy-busy';

/** What a rollback answers that lowers a limit, as nodes/rollback.sh words it. */
const BACK =
  'The limit went back from 262144 to 131072 and the files are as they were. Buckets stay at 65536 (before: 32768): shrinking them would stall traffic once more.';
const IN_USE =
  '120000 entries are in use and the limit before the raise was 131072: above 80 % of it (104857) new flows would be refused. Files and limit were left; try again when the load is down.';

/**
 * Every recorded capture that a change is planned for, on two nodes beside a third that the plan is not for, in what can become
 * of the change: the words in it are made by what makes them in a run.
 */
export function everyRollout(): readonly RecordedState[] {
  return recordedCases().flatMap(({ mode, name }) => {
    const capture = `${mode}/${name}`;
    const before = [recordedReading(FIRST, capture), recordedReading(SECOND, capture)];
    const plans = before.flatMap(({ outcome }) =>
      outcome.kind === 'diagnosed' && outcome.plan !== undefined ? [outcome.plan] : [],
    );
    const [first, second] = plans;
    if (first === undefined || second === undefined) return [];
    const start = [...before, recordedReading(THIRD, 'listen-overflow/busy-event-loop')];
    const isBack = isReversible(first.kind);
    const [well, ill] = [HEALTHY, capture];
    const [done, failed] = [judged(first, before[0], well), judged(second, before[1], ill)];
    const canaryFailed = judged(first, before[0], ill);
    const both = [recordedReading(FIRST, well, 2), recordedReading(SECOND, ill, 2)];
    const one = (
      title: string,
      state: IncidentState,
      readings: readonly NodeCollection[],
      head: Partial<IncidentHead>,
    ) => ({
      title: `${capture}, ${title}`,
      capture,
      incident: ended(state, [...start, ...readings], head),
    });
    return [
      one('second failed', 'partially-applied', both, { remediations: [done, failed] }),
      one('canary failed', 'failed', [recordedReading(FIRST, ill, 2)], { remediations: [canaryFailed] }),
      one('answer lost', 'failed', [recordedReading(FIRST, ill, 2)], {
        remediations: [lost(first, recordedReading(FIRST, ill, 2))],
      }),
      one('second refused', 'partially-applied', both.slice(0, 1), {
        remediations: [done, refusedBy(second)],
      }),
      ...(isBack
        ? [
            one('rollback refused', 'partially-applied', both, {
              remediations: [done, failed, back(FIRST, 'rolled-back', BACK), back(SECOND, 'refused', IN_USE)],
            }),
            one(
              'rolled back',
              'rolled-back',
              [...both, recordedReading(FIRST, ill, 3), recordedReading(SECOND, well, 3)],
              {
                remediations: [
                  done,
                  failed,
                  back(FIRST, 'rolled-back', BACK),
                  back(SECOND, 'rolled-back', BACK),
                ],
              },
            ),
          ]
        : []),
      ...looks(first, done, before, [well, ill]).map((drift) =>
        one('looked again', 'resolved', both.slice(0, 1), { remediations: [done], drift: [drift] }),
      ),
    ];
  });
}

/** The incident with the reason that a run would have noted at its end. */
function ended(
  state: IncidentState,
  readings: readonly NodeCollection[],
  changes: Partial<IncidentHead>,
): Incident {
  const collection = Math.max(...readings.map((one) => one.collection));
  const incident = recordedIncident(state, readings, { collection, ...changes });
  const { head } = incident;
  const steps = head.remediations.filter(({ kind }) => kind === 'rollback');
  const decision = { number: 1, kind: 'apply-all' } as const;
  const read = new Set([FIRST, SECOND]);
  const why =
    steps.length === 0 ? rolloutEnd(head, decision, read).why : whyNotRolledBack(steps, [FIRST, SECOND]);
  const last = head.transitions.at(-1);
  const from = steps.length === 0 ? 'verifying' : 'rolling-back';
  const end = { at: last?.at ?? stepTime(9), from, to: state, actor: WORKFLOW, why } as const;
  return { ...incident, head: { ...head, transitions: [...head.transitions.slice(0, -1), end] } };
}

/** A step with what a second collection shows of it. */
function judged(plan: NodePlan, before: NodeCollection | undefined, capture: string): Remediation {
  const { instanceId } = plan;
  const after = recordedReading(instanceId, capture, 2);
  if (before === undefined) throw new Error(`${instanceId} was not read before.`);
  const { passed, why } =
    capture === HEALTHY
      ? { passed: true, why: `${instanceId}: 0 drops in 10 s, 52 % of 262,144 in use.` }
      : verifyChange(remediationOf(catalogue, plan.kind), plan, before, after);
  const verification = { passed, why, collection: 2, at: after.collectedAt };
  return { ...changeOf(plan), instanceId, verification };
}

function lost(plan: NodePlan, after: NodeCollection): Remediation {
  const { verification: _v, max: _m, buckets: _b, values: _o, deleted: _d, ...common } = changeOf(plan);
  const step: Remediation = {
    ...common,
    instanceId: plan.instanceId,
    commandId: '0123-1',
    outcome: 'unknown',
  };
  const expectation: Expectation = { values: plannedValues(plan), against: [], isOver: true };
  return { ...step, ...outcomeFromNode(step, expectation, after) };
}

const refusedBy = (plan: NodePlan): Remediation => {
  const { verification: _v, max: _m, buckets: _b, values: _o, deleted: _d, ...common } = changeOf(plan);
  return {
    ...common,
    instanceId: plan.instanceId,
    commandId: '0123-2',
    outcome: 'refused',
    setAside: 'refused',
    detail: `${plan.instanceId}: ${groupNumbers('The limit is 196608 and not 131072 as planned; nothing was changed.')}`,
  };
};

const back = (instanceId: string, outcome: 'rolled-back' | 'refused', detail: string): Remediation => ({
  kind: 'rollback',
  instanceId,
  decision: 2,
  claimedAt: stepTime(7),
  finishedAt: stepTime(8),
  commandId: '0123-3',
  outcome,
  detail: `${instanceId}: ${groupNumbers(detail)}`,
});

/** What later looks may find, as far as the kind leaves running values. */
function looks(
  plan: NodePlan,
  done: Remediation,
  before: readonly NodeCollection[],
  captures: readonly string[],
): readonly DriftCheck[] {
  const { head } = recordedIncident('resolved', before, { remediations: [done] });
  return captures.flatMap(
    (capture) =>
      checkDrift(head, [recordedReading(plan.instanceId, capture, 4)], new Map(), stepTime(40)) ?? [],
  );
}
