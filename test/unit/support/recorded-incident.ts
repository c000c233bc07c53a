import { catalogue } from '../../../runbooks/index.ts';
import { assessCapture } from '../../../src/core/diagnosis/assess.ts';
import { recordPlan } from '../../../src/core/plan/plan-incident.ts';
import { NodeCollection } from '../../../src/core/record/collection.ts';
import {
  Incident,
  type IncidentHead,
  type IncidentState,
  WORKFLOW,
} from '../../../src/core/record/incident.ts';
import { recordedCases } from './captures.ts';
import { stepTime } from './diagnoses.ts';
import { buildIncident } from './incidents.ts';

const cases = recordedCases();

/**
 * Reads a recorded capture, `mode/name`, as if it had been collected from a node; without one the node did not answer.
 *
 * @param foreseen seconds until its table is likely to be full, where an early warning said so
 */
export function recordedReading(
  instanceId: string,
  capture: string | undefined,
  collection = 1,
  foreseen?: number,
): NodeCollection {
  const common = { instanceId, collection, collectedAt: stepTime(collection * 4 - 3) };
  if (capture === undefined)
    return { ...common, outcome: { kind: 'failed', why: `${instanceId} did not answer.` } };
  const found = cases.find(({ mode, name }) => `${mode}/${name}` === capture);
  if (found === undefined) throw new Error(`There is no recorded capture ${capture}.`);
  return NodeCollection.parse({
    ...common,
    outcome: assessCapture(found.capture, { instanceId, catalogue, foreseen }),
  });
}

/** An incident whose nodes show what was recorded, with the plan that follows from the first reading of each. */
export function recordedIncident(
  state: IncidentState,
  readings: readonly NodeCollection[],
  changes: Partial<IncidentHead> = {},
): Incident {
  const first = readings.filter(({ collection }) => collection === 1);
  const ids = first.map(({ instanceId }) => instanceId);
  const { plan: _plan, ...built } = buildIncident(state, { nodes: ids.length }).head;
  const head: IncidentHead = {
    ...built,
    remediations: [],
    nodes: ids.map((instanceId) => ({ instanceId })),
    collection: 1,
    ...((changes.remediations ?? []).length === 0 ? untouched(built, state) : {}),
    ...changes,
  };
  const newest = new Map(readings.map((one) => [one.instanceId, one]));
  return Incident.parse({
    head: { ...recordPlan({ ...head, collection: 1 }, first, ids, stepTime(1)), collection: head.collection },
    collections: [...newest.values()],
    earlier: readings.filter((one) => newest.get(one.instanceId) !== one),
  });
}

/** Why an incident without a click ended. */
const ENDED_BY: Partial<Record<IncidentState, string>> = {
  failed: 'The nodes did not answer when they were to be read again.',
  resolved: 'The alarm is OK again.',
};

/** What led to the end of an incident in which nobody clicked. */
function untouched(
  { transitions }: Pick<IncidentHead, 'transitions'>,
  state: IncidentState,
): Partial<Pick<IncidentHead, 'transitions' | 'decisions'>> {
  const why = ENDED_BY[state];
  if (why === undefined) return {};
  const before = transitions.slice(0, transitions.findIndex(({ to }) => to === 'diagnosed') + 1);
  const end = { at: stepTime(before.length), from: 'diagnosed', to: state, actor: WORKFLOW, why } as const;
  return { transitions: [...before, end], decisions: [] };
}
