import { createHash } from 'node:crypto';
import type { Alarm } from '../../../src/core/record/alarm.ts';
import type { Figures, NodeCollection } from '../../../src/core/record/collection.ts';
import type { Diagnosis } from '../../../src/core/record/diagnosis.ts';
import {
  type Actor,
  type Decision,
  Incident,
  type IncidentHead,
  IncidentState,
  type Remediation,
  type Transition,
} from '../../../src/core/record/incident.ts';
import type { RaisePlan } from '../../../src/core/record/plan.ts';
import {
  buildAlarm,
  buildDiagnosis,
  buildHealthy,
  buildLookAlike,
  buildNodePlan,
  instanceId,
  OPENED_AT,
  stepTime,
} from './diagnoses.ts';

/** A moment at which the evidence of every built incident is still fresh. */
export const NOW = OPENED_AT + 180_000;

export const ANA: Extract<Actor, { kind: 'slack-user' }> = {
  kind: 'slack-user',
  id: 'U0ANA0001',
  name: 'ana',
};
export const CARD = { channel: 'C0INC0001', message: '1795442521.000100' } as const;
export const TEAM = 'T0TEAM001';

export interface IncidentOptions {
  /** How many nodes are behind the alarm. */
  readonly nodes?: number;
  readonly diagnosis?: Diagnosis;
  readonly nodePlan?: Partial<RaisePlan>;
  readonly alarm?: Partial<Alarm>;
  readonly head?: Partial<IncidentHead>;
  /** Replaces the figures of every node's collection. */
  readonly figures?: Figures;
}

const PATHS: Readonly<Record<IncidentState, readonly IncidentState[]>> = {
  collecting: [],
  diagnosed: ['diagnosed'],
  'awaiting-approval': ['diagnosed', 'awaiting-approval'],
  'applying-canary': ['diagnosed', 'awaiting-approval', 'applying-canary'],
  verifying: ['diagnosed', 'awaiting-approval', 'applying-canary', 'verifying'],
  'applied-one': ['diagnosed', 'awaiting-approval', 'applying-canary', 'verifying', 'applied-one'],
  'applying-rest': ['diagnosed', 'awaiting-approval', 'applying-canary', 'verifying', 'applying-rest'],
  resolved: ['diagnosed', 'awaiting-approval', 'applying-canary', 'verifying', 'resolved'],
  'partially-applied': [
    'diagnosed',
    'awaiting-approval',
    'applying-canary',
    'verifying',
    'partially-applied',
  ],
  'rolling-back': [
    'diagnosed',
    'awaiting-approval',
    'applying-canary',
    'verifying',
    'resolved',
    'rolling-back',
  ],
  'rolled-back': [
    'diagnosed',
    'awaiting-approval',
    'applying-canary',
    'failed',
    'rolling-back',
    'rolled-back',
  ],
  'no-fix-offered': ['diagnosed', 'no-fix-offered'],
  dismissed: ['diagnosed', 'awaiting-approval', 'dismissed'],
  expired: ['diagnosed', 'awaiting-approval', 'expired'],
  failed: ['diagnosed', 'awaiting-approval', 'applying-canary', 'verifying', 'failed'],
  joined: ['joined'],
};

const WHY: Partial<Record<IncidentState, string>> = {
  'no-fix-offered': 'No fix is offered.',
  joined: 'checkout-p50 had the same nodes first.',
  dismissed: '@ana dismissed it.',
  expired: 'Nobody decided within 8 hours.',
  failed: 'The canary still drops packets after the raise; no other node was touched.',
};

function buildTransitions(state: IncidentState): Transition[] {
  const path: IncidentState[] = ['collecting', ...PATHS[state]];
  return path.map((to, index) => {
    const from = path[index - 1];
    const clicked = ['applying-canary', 'dismissed', 'rolling-back'].includes(to);
    const why = WHY[to];
    return {
      at: stepTime(index),
      ...(from === undefined ? {} : { from }),
      to,
      actor: to === 'collecting' ? { kind: 'alarm' } : clicked ? ANA : { kind: 'workflow' },
      ...(why === undefined ? {} : { why }),
    };
  });
}

const raised = (plan: RaisePlan, index: number): Remediation => ({
  kind: 'raise-max',
  instanceId: plan.instanceId,
  decision: 1,
  claimedAt: stepTime(3),
  commandId: `0123-${index}`,
  documentHash: 'a'.repeat(64),
  finishedAt: stepTime(4),
  outcome: 'raised',
  detail: `raised nf_conntrack_max from ${plan.max.from} to ${plan.max.to}`,
  approved: { max: plan.max.to, buckets: plan.buckets.to, bucketsFrom: plan.buckets.from },
  max: { before: plan.max.from, after: plan.max.to },
  buckets: { before: plan.buckets.from, after: plan.buckets.to },
});

function buildRemediations(state: IncidentState, plans: readonly RaisePlan[]): Remediation[] {
  const path = PATHS[state];
  if (!path.includes('applying-canary')) return [];
  const running = state === 'applying-canary' || state === 'applying-rest';
  const verified = { passed: true, why: '0 drops in 10 s, 52 % of 262,144 in use.', collection: 2 };
  const all = plans.map((plan, index) => ({ ...raised(plan, index), verification: verified }));
  const [canary] = all;
  const [firstPlan] = plans;
  if (canary === undefined || firstPlan === undefined) return [];
  if (running) {
    const claim: Remediation = {
      kind: 'raise-max',
      instanceId: firstPlan.instanceId,
      decision: 1,
      claimedAt: stepTime(3),
    };
    return state === 'applying-canary'
      ? [claim]
      : [canary, ...all.slice(1).map(({ instanceId: id }) => ({ ...claim, instanceId: id }))];
  }
  if (state === 'verifying') return [raised(firstPlan, 0)];
  if (state === 'applied-one') return [canary];
  if (state === 'failed')
    return [{ ...canary, verification: { ...verified, passed: false, why: WHY.failed ?? '' } }];
  if (state === 'partially-applied') {
    const failed = all.slice(1, 2).map((one) => {
      const { verification: _unverified, max: _max, buckets: _buckets, ...rest } = one;
      return {
        ...rest,
        outcome: 'failed' as const,
        detail: `${one.instanceId}: SSM lost the node; read it before trying again`,
      };
    });
    return [canary, ...failed];
  }
  const undone = all.map((one) => {
    const { verification: _verification, ...rest } = one;
    return {
      ...rest,
      kind: 'rollback' as const,
      outcome: 'rolled-back' as const,
      detail: 'files and running value restored',
    };
  });
  if (state === 'rolled-back') return [...all, ...undone];
  return all;
}

function buildDecisions(state: IncidentState, digest: string): Decision[] {
  const kind = state === 'dismissed' ? 'dismiss' : state === 'applied-one' ? 'apply-one' : 'apply-all';
  if (state !== 'dismissed' && !PATHS[state].includes('applying-canary')) return [];
  const click: Decision = {
    number: 1,
    kind,
    planDigest: digest,
    actor: ANA,
    at: stepTime(3),
    slack: { team: TEAM, channel: CARD.channel, message: CARD.message },
  };
  const undo: Decision = { ...click, number: 2, kind: 'rollback', at: stepTime(6) };
  return state === 'rolling-back' || state === 'rolled-back' ? [click, undo] : [click];
}

interface CollectionOptions {
  readonly diagnosis: Diagnosis;
  readonly plan: RaisePlan | undefined;
  readonly figures: IncidentOptions['figures'];
  /** Whether it is the second collection, which verified the raise. */
  readonly isVerified: boolean;
}

function buildCollection(
  id: string,
  { diagnosis, plan, figures, isVerified }: CollectionOptions,
): NodeCollection {
  const seen = isVerified
    ? { count: 136_314, max: 262_144, buckets: 65_536, windowSeconds: 10, fullDrops: 0, earlyDrops: 0 }
    : { count: 131_070, max: 131_072, buckets: 32_768, windowSeconds: 10, fullDrops: 4812, earlyDrops: 0 };
  return {
    instanceId: id,
    collection: isVerified ? 2 : 1,
    collectedAt: stepTime(isVerified ? 5 : 1),
    outcome: {
      kind: 'diagnosed',
      diagnosis,
      ...(plan === undefined ? {} : { plan }),
      figures: figures ?? seen,
      halfApplied: false,
    },
  };
}

/** A valid record in the given state: what the workflow would have stored by then, parsed through its schema. */
export function buildIncident(state: IncidentState, options: IncidentOptions = {}): Incident {
  const ids = Array.from({ length: options.nodes ?? 1 }, (_, index) => instanceId(index));
  const diagnosis = options.diagnosis ?? (state === 'no-fix-offered' ? buildLookAlike() : buildDiagnosis());
  const plans = diagnosis.offer.raise
    ? ids.map((id) => buildNodePlan({ ...options.nodePlan, instanceId: id }))
    : [];
  const digest = createHash('sha256').update(ids.join()).digest('hex').slice(0, 32);
  const collected = state !== 'collecting';
  const waiting = state === 'awaiting-approval' || state === 'applied-one';
  const planned = state === 'applied-one' ? plans.slice(1) : plans;
  const transitions = buildTransitions(state);
  const remediations = buildRemediations(state, plans);
  const isVerified = (id: string) =>
    remediations.some((step) => step.instanceId === id && step.verification?.passed === true);
  const verified = { plan: undefined, figures: options.figures, isVerified: true };
  const first = (id: string, index: number) =>
    buildCollection(id, {
      diagnosis: { ...diagnosis, node: id },
      plan: plans[index],
      figures: options.figures,
      isVerified: false,
    });
  return Incident.parse({
    head: {
      schema: 'medic.incident/1',
      id: 'inc-7f3a0123456789abcdef',
      revision: transitions.length,
      alarm: buildAlarm(options.alarm),
      openedAt: stepTime(0),
      state,
      transitions,
      seen: { count: 1, lastAt: stepTime(0) },
      nodes: ids.map((id) => ({
        instanceId: id,
        zone: 'eu-central-1a',
        instanceType: 'm6i.large',
        name: 'workers',
      })),
      nodeGaps: [],
      collection: collected ? 1 : 0,
      ...(collected ? { evidenceAt: stepTime(1) } : {}),
      card: CARD,
      ...(collected && planned.length > 0
        ? { plan: { schema: 'medic.plan/1', digest, collection: 1, nodes: planned } }
        : {}),
      ...(waiting
        ? {
            callback: {
              number: state === 'applied-one' ? 2 : 1,
              id: 'callback-id',
              expiresAt: stepTime(2880),
            },
          }
        : {}),
      decisions: buildDecisions(state, digest),
      remediations,
      ...options.head,
    },
    collections: collected
      ? ids.map((id, index) =>
          isVerified(id)
            ? buildCollection(id, { diagnosis: buildHealthy({ node: id }), ...verified })
            : first(id, index),
        )
      : [],
    earlier: collected ? ids.flatMap((id, index) => (isVerified(id) ? [first(id, index)] : [])) : [],
  });
}

/** Every state an incident can be in. */
export const INCIDENT_STATES: readonly IncidentState[] = IncidentState.options;
