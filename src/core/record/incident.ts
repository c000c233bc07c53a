import * as z from 'zod';
import { Alarm } from './alarm.ts';
import { Association } from './association.ts';
import { NodeCollection } from './collection.ts';
import { DocumentPin } from './document-pin.ts';
import { DriftCheck } from './drift-check.ts';
import { JoinedAlarm } from './joined/alarm.ts';
import { Warned } from './joined/foreseen.ts';
import { LatencyShape } from './latency/shape.ts';
import { Plan, REMEDIATION_KINDS } from './plan.ts';
import { Doubt } from './said/doubt.ts';
import { MissingRecord } from './said/missing.ts';
import { Quiet } from './said/quiet.ts';
import { stored } from './stored.ts';
import { TakenUp } from './taken-up.ts';
import { SynTrace } from './traced/order.ts';

/** The states of an incident. Which may follow which is in `transitions.ts`. */
export const IncidentState = z.enum([
  'collecting',
  'diagnosed',
  'awaiting-approval',
  'applying-canary',
  'applied-one',
  'applying-rest',
  'verifying',
  'resolved',
  'partially-applied',
  'rolling-back',
  'rolled-back',
  'no-fix-offered',
  'dismissed',
  'expired',
  'failed',
  'joined',
]);
export type IncidentState = z.infer<typeof IncidentState>;

/** Who or what caused a transition: a Slack user, an alarm or the workflow itself. */
export const Actor = z.discriminatedUnion('kind', [
  stored({ kind: z.literal('slack-user'), id: z.string(), name: z.string() }),
  stored({ kind: z.literal('alarm') }),
  stored({ kind: z.literal('workflow') }),
]);
export type Actor = z.infer<typeof Actor>;

/** The workflow itself, as opposed to a person or the alarm. */
export const WORKFLOW: Actor = { kind: 'workflow' };

/** One line of the audit trail. Appended, never changed. */
export const Transition = stored({
  at: z.iso.datetime({ precision: 3 }),
  from: IncidentState.optional(),
  to: IncidentState,
  actor: Actor,
  /** One sentence on why; required for failed, expired, dismissed, no-fix-offered and joined. */
  why: z.string().optional(),
});
export type Transition = z.infer<typeof Transition>;

/**
 * What a person, the alarm or the clock decided about a plan. `refresh` is what an approval becomes when its evidence
 * is too old: collect again, show the fresh plan and wait for another click. `new-nodes` is the same because an alarm that joined
 * brought nodes that the plan does not name.
 */
export const DecisionKind = z.enum([
  'apply-one',
  'apply-all',
  'dismiss',
  'rollback',
  'keep',
  'refresh',
  'alarm-ok',
  'timeout',
  'new-nodes',
]);
export type DecisionKind = z.infer<typeof DecisionKind>;

/** A decision as stored before the workflow is woken. It, not the callback's payload, is what gets executed. */
export const Decision = stored({
  /** 1, 2, … within the incident; also the number of the callback it answers. */
  number: z.number().int().min(1),
  kind: DecisionKind,
  /** Digest of the plan that was on the card; absent for alarm-ok, timeout and new-nodes. */
  planDigest: z.string().optional(),
  /** Nodes that a rollback is for; absent when it is for all that stand changed. */
  instanceIds: z.array(z.string()).min(1).optional(),
  actor: Actor,
  /** For how long its alarm stays quiet, of a dismissal that asks for a time of its own. */
  snoozeSeconds: z.number().int().min(60).max(86_400).optional(),
  at: z.iso.datetime({ precision: 3 }),
  /** Where the click came from; absent when it was no click. */
  slack: stored({
    team: z.string(),
    channel: z.string(),
    message: z.string(),
    /** Names what Slack signed for it, which is kept apart; absent in old records. */
    signed: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
  }).optional(),
});
export type Decision = z.infer<typeof Decision>;

/** What the network of a node may carry in each direction, in Gbit/s. */
export const Bandwidth = stored({
  baselineGbps: z.number().positive(),
  /** For some minutes, by credits; absent where it is the same. */
  burstGbps: z.number().positive().optional(),
  /** Whether EC2 said so of the instance type or the configuration does. */
  from: z.enum(['ec2', 'configuration']),
});
export type Bandwidth = z.infer<typeof Bandwidth>;

/** A node behind the alarm, or one that was left out, with the reason. */
export const IncidentNode = stored({
  instanceId: z.string(),
  /** Availability zone, instance type and name where the fleet lookup returned them. */
  zone: z.string().optional(),
  instanceType: z.string().optional(),
  /** When EC2 started it; a stopped instance that is started again is as young as one that was launched then. */
  launchedAt: z.iso.datetime({ precision: 3 }).optional(),
  /** Absent where nobody says it. */
  bandwidth: Bandwidth.optional(),
  name: z.string().optional(),
  /** Twelve digits of the AWS account, and the region; absent where they are the service's own. */
  account: z.string().optional(),
  region: z.string().optional(),
  /** EKS cluster, managed node group, Karpenter node pool and Auto Scaling group, from the instance's tags. */
  cluster: z.string().optional(),
  nodeGroup: z.string().optional(),
  nodePool: z.string().optional(),
  autoScalingGroup: z.string().optional(),
  /** Operating system as Systems Manager names it, such as `Amazon Linux` or `Bottlerocket`. */
  platform: z.string().optional(),
});
export type IncidentNode = z.infer<typeof IncidentNode>;

/** One change sent to one node: claimed before it is sent, so that it is sent at most once. */
export const Remediation = stored({
  /** What was done to the node, or that it was taken back. */
  kind: z.enum([...REMEDIATION_KINDS, 'rollback']),
  instanceId: z.string(),
  /** Decision that ordered it. */
  decision: z.number().int().min(1),
  claimedAt: z.iso.datetime({ precision: 3 }),
  commandId: z.string().optional(),
  documentHash: z.string().optional(),
  finishedAt: z.iso.datetime({ precision: 3 }).optional(),
  outcome: z
    .enum(['raised', 'changed', 'unchanged', 'rolled-back', 'refused', 'failed', 'unknown'])
    .optional(),
  /** One sentence: what was done, refused or failed, on which node and what to do next. */
  detail: z.string().optional(),
  /**
   * Nothing was changed on it, for a reason that is this node's alone, so the others go on: it could not be sent to or
   * reached, its script refused, or the command was lost on the way. Absent where the reason may be everybody's.
   */
  setAside: z.enum(['not-reached', 'refused', 'lost']).optional(),
  /** The node answered other numbers than those of the plan: no later reading makes this a change that worked. */
  differs: z.literal(true).optional(),
  /** What is wrong although the step did its work: files that could not be written, settings of others that undo it. */
  warnings: z.array(z.string()).optional(),
  /**
   * What the approved plan raises this node to, and from how many buckets, noted when the step is claimed; absent of other
   * kinds and in old records.
   */
  approved: stored({
    max: z.number().int(),
    buckets: z.number().int(),
    bucketsFrom: z.number().int(),
  }).optional(),
  max: stored({ before: z.number().int(), after: z.number().int() }).optional(),
  buckets: stored({ before: z.number().int(), after: z.number().int() }).optional(),
  /** Other settings before and after, by their full sysctl names. */
  values: z.array(stored({ key: z.string(), before: z.number().int(), after: z.number().int() })).optional(),
  /** How many entries were deleted. */
  deleted: z.number().int().optional(),
  /** Result of the second collection after a change. */
  verification: stored({
    passed: z.boolean(),
    why: z.string(),
    collection: z.number().int(),
    /** When that collection was made; absent in old records. */
    at: z.iso.datetime({ precision: 3 }).optional(),
  }).optional(),
});
export type Remediation = z.infer<typeof Remediation>;

/** The head item: everything of an incident but the per-node collections. Its `revision` guards each update. */
export const IncidentHead = stored({
  schema: z.literal('medic.incident/1'),
  id: z.string().regex(/^[a-z0-9-]{8,64}$/),
  revision: z.number().int().min(1),
  alarm: Alarm,
  openedAt: z.iso.datetime({ precision: 3 }),
  state: IncidentState,
  transitions: z.array(Transition),
  /** How often and when last the alarm fired while the incident was open. */
  seen: stored({ count: z.number().int().min(1), lastAt: z.iso.datetime({ precision: 3 }) }),
  nodes: z.array(IncidentNode),
  /** Sentences on nodes that were left out or unreachable, for the card. */
  nodeGaps: z.array(z.string()),
  /** How the latencies behind its own alarm were distributed when its nodes were looked for; absent where it watches none. */
  latency: LatencyShape.optional(),
  /** Number of the newest collection; 0 before the first. */
  collection: z.number().int().min(0),
  card: stored({ channel: z.string(), message: z.string() }).optional(),
  plan: Plan.optional(),
  /** Nodes that need the plan's kind of change and are too many for one click, worst first; absent while all are in the plan. */
  planRest: z.array(z.string()).min(1).optional(),
  /** When the oldest evidence that the plan rests on was collected. */
  evidenceAt: z.iso.datetime({ precision: 3 }).optional(),
  /** The callback that the workflow waits on; its id is a capability and stays here. */
  callback: stored({
    number: z.number().int().min(1),
    id: z.string(),
    expiresAt: z.iso.datetime({ precision: 3 }),
  }).optional(),
  decisions: z.array(Decision),
  /** In the order in which they were ordered. */
  remediations: z.array(Remediation),
  /** How many steps are items of their own by now, because they say no more of how things stand; absent while all are here. */
  movedSteps: z.number().int().min(1).optional(),
  /** How many decisions are items of their own by now, each with its two moves, because they changed nothing; absent while all are here. */
  movedRounds: z.number().int().min(1).optional(),
  /** While a command runs on several nodes: how many of them have ended it. */
  progress: stored({
    decision: z.number().int().min(1),
    finished: z.number().int().min(0),
    total: z.number().int().min(1),
  }).optional(),
  /** Side records that could not be made, with the error of the newest try; one that was made since is gone from here. */
  missing: z.array(MissingRecord).optional(),
  /** Looks at the changed nodes after the end, oldest first. */
  drift: z.array(DriftCheck).optional(),
  /** Its changes stand and are still to be looked at once more, and how to make them last to be said; absent once that is done. */
  aftermath: z.literal('owed').optional(),
  /** The rollback after the end, by its decision, of which the thread is still to be told; absent once that is done. */
  undone: z.number().int().min(1).optional(),
  /** What keeps the raise on the whole node group; the newest one. */
  association: Association.optional(),
  /** Versions of documents that its commands name; a function that finds none of its own text there looks it up and adds it. */
  documents: z.array(DocumentPin).optional(),
  /** Its workflow stopped and was taken up again. */
  takenUp: TakenUp.optional(),
  /** Verdicts that people called wrong, oldest first; each is a case to be. */
  doubts: z.array(Doubt).optional(),
  /** Where its SYNs are lost, as people had it looked for, oldest first; absent before the first time. */
  synTraces: z.array(SynTrace).min(1).optional(),
  /** It has found no other incident to join and goes its own way, so that others may join it; absent in old records. */
  leads: z.literal(true).optional(),
  /** Others with the same verdict in its cluster join it, and it joins nobody. */
  gathers: z.literal(true).optional(),
  /** The incident that has taken its alarm and its nodes. */
  joinedTo: z.string().optional(),
  /** It has taken in alarms of other incidents: of which one last, and the newest firing with which one came. */
  joined: stored({ newest: z.string(), firedAt: z.iso.datetime({ precision: 3 }) }).optional(),
  /** The early warning of its nodes that its alarm came after; absent where there was none. */
  warned: Warned.optional(),
  /** Nodes that joined alarms have brought and that it has not judged yet; absent without any. */
  unread: z.array(z.string()).min(1).optional(),
  /** How often in a row its alarm was OK and fired again soon: then an OK has to last before it ends the incident. */
  flaps: z.number().int().min(1).optional(),
  /** It was dismissed, or ended without a fix while its alarms flap, so that they stay quiet for a while. */
  quiet: Quiet.optional(),
  /** The alarm went back to OK at this time, whether or not that closed anything. */
  alarmOkAt: z.iso.datetime({ precision: 3 }).optional(),
});
export type IncidentHead = z.infer<typeof IncidentHead>;

/** The whole record as the card, the runbook and the page are rendered from. */
export const Incident = stored({
  head: IncidentHead,
  /** The newest collection of each node. */
  collections: z.array(NodeCollection),
  /** All those before it, of each node in the order in which they were made. */
  earlier: z.array(NodeCollection),
  /** Its own alarm and those that it has taken in, each with what it said last; absent where it is its own alone. */
  alarms: z.array(JoinedAlarm).optional(),
});
export type Incident = z.infer<typeof Incident>;

/** Everything that was ever stored of an incident: the head, every collection of every node and every plan that was shown. */
export interface IncidentHistory {
  readonly head: IncidentHead;
  /** By node, then in the order in which they were made. */
  readonly collections: readonly NodeCollection[];
  /** In the order of the collections that they rest on. */
  readonly plans: readonly Plan[];
  /** Its own alarm and those that it has taken in; absent where it is its own alone. */
  readonly alarms?: readonly JoinedAlarm[] | undefined;
}
