import * as z from 'zod';
import { CardView } from '../../core/record/card-view.ts';
import { NodeCollection } from '../../core/record/collection.ts';
import { Decision, IncidentHead, Remediation, Transition } from '../../core/record/incident.ts';
import { JoinedAlarm } from '../../core/record/joined/alarm.ts';
import { NodeReading } from '../../core/record/node-reading.ts';
import { Plan } from '../../core/record/plan.ts';
import { SignedClick } from '../../core/record/signed-click.ts';
import { NEWEST_VERSION, stored } from '../../core/record/stored.ts';
import { UNFINISHED } from '../../core/record/unfinished.ts';
import { sha256 } from '../../core/sha256.ts';
import type { PacedCall, PacedCard } from '../waiting/pace.ts';

/** Every item names its version; what has a higher one was refused before its shape is looked at. */
const VERSION = z.number().int().min(1).max(NEWEST_VERSION);

/** The head of an incident. `revision` repeats the head's, where a condition can reach it. */
export const HeadItem = stored({
  pk: z.string(),
  sk: z.literal('head'),
  version: VERSION,
  revision: z.number().int(),
  /** Names the writes that made the newest revisions, as {@link writesWith} puts them: two writers may well write the same. */
  write: z.string(),
  /** There while something is to be done for the incident: the key of an index that holds only those. */
  unfinished: z.literal(UNFINISHED.value).optional(),
  /** How far the card follows the head; absent in old records. */
  view: CardView.optional(),
  head: IncidentHead,
});
export type HeadItem = z.infer<typeof HeadItem>;

/** How many writes a head names: far more than others make while one writer waits for its answer and asks again. */
const NAMED_WRITES = 32;

/**
 * What a head names its writes by after one more: the newest first, a blank between them.
 * @param earlier - what it names them by before; nothing for a new head
 */
export const writesWith = (write: string, earlier = ''): string =>
  [write, ...earlier.split(' ')].slice(0, NAMED_WRITES).join(' ').trimEnd();

/** Whether a head says that this write made one of its newest revisions, whatever others have written since. */
export const isMadeBy = (item: Pick<z.infer<typeof HeadItem>, 'write'>, write: string): boolean =>
  item.write.split(' ').includes(write);

/** One collection of one node. */
export const CollectionItem = stored({
  pk: z.string(),
  sk: z.string(),
  version: VERSION,
  collection: NodeCollection,
});

/** A plan that was shown, kept after a newer one has taken its place in the head. */
export const PlanItem = stored({
  pk: z.string(),
  sk: z.string(),
  version: VERSION,
  plan: Plan,
});

/** A step of an incident that says no more of how things stand, kept beside the head. */
export const StepItem = stored({
  pk: z.string(),
  sk: z.string(),
  version: VERSION,
  /** Revision of the head that it was moved out of. */
  revision: z.number().int(),
  step: Remediation,
});
export type StepItem = z.infer<typeof StepItem>;

/** A decision of an incident that changed nothing, with its two moves, kept beside the head. */
export const RoundItem = stored({
  pk: z.string(),
  sk: z.string(),
  version: VERSION,
  decision: Decision,
  transitions: z.array(Transition),
});
export type RoundItem = z.infer<typeof RoundItem>;

/** A click as Slack signed it; the table deletes it some time after `deleteAt`. */
export const ClickItem = stored({
  pk: z.string(),
  sk: z.string(),
  version: VERSION,
  click: SignedClick,
  /** Seconds since the Unix epoch: the table's attribute for items that end. */
  deleteAt: z.number().int(),
});
export type ClickItem = z.infer<typeof ClickItem>;

/** Says that something outside of the record was about to be done. */
export const BegunItem = stored({
  pk: z.string(),
  sk: z.string(),
  version: VERSION,
});
export type BegunItem = z.infer<typeof BegunItem>;

/** Says which incident of an alarm is open. */
export const OpenItem = stored({
  pk: z.string(),
  sk: z.literal('lock'),
  version: VERSION,
  incidentId: z.string(),
  /** Milliseconds since the Unix epoch. */
  takenAt: z.number().int(),
});
export type OpenItem = z.infer<typeof OpenItem>;

/** The exclusive right to post the first card of an incident, until it expires. */
export const CardClaimItem = stored({
  pk: z.string(),
  sk: z.literal('card'),
  version: VERSION,
  claim: z.string(),
  /** Milliseconds since the Unix epoch. */
  expiresAt: z.number().int(),
});
export type CardClaimItem = z.infer<typeof CardClaimItem>;

/** The newest OK of an alarm that is known, whether or not an incident was open when it came. */
export const OkItem = stored({
  pk: z.string(),
  sk: z.literal('ok'),
  version: VERSION,
  /** By the alarm's own time, ISO 8601 in UTC with milliseconds, so that two compare as text. */
  okAt: z.string(),
});
export type OkItem = z.infer<typeof OkItem>;

/** The incident that an alarm opened last, open or ended. */
export const NewestItem = stored({
  pk: z.string(),
  sk: z.literal('newest'),
  version: VERSION,
  incidentId: z.string(),
  /** Time of the state change that opened it. */
  firedAt: z.string(),
});
export type NewestItem = z.infer<typeof NewestItem>;

/** Firings of an alarm while its incident was the newest: each by its time, so that it counts once however often it comes. */
export const FiringsItem = stored({
  pk: z.string(),
  sk: z.literal('firings'),
  version: VERSION,
  /** Firings that were counted before this item was made, the one that opened the incident among them. */
  before: z.number().int().min(1),
  times: z.set(z.string()),
});

/** The exclusive right to change a node, until it expires. */
export const NodeLockItem = stored({
  pk: z.string(),
  sk: z.literal('lock'),
  version: VERSION,
  holder: z.string(),
  /** Milliseconds since the Unix epoch. */
  expiresAt: z.number().int(),
});
export type NodeLockItem = z.infer<typeof NodeLockItem>;

/** Says which incident took a node, or a verdict in a cluster, for its own last, whether or not that is still open. */
export const NodeIncidentItem = stored({
  pk: z.string(),
  sk: z.enum(['incident', 'warning']),
  version: VERSION,
  incidentId: z.string(),
  /** Seconds since the Unix epoch: the table's attribute for items that end. */
  deleteAt: z.number().int(),
});
export type NodeIncidentItem = z.infer<typeof NodeIncidentItem>;

/** An alarm that an incident has taken in beside its own. What conditions look at is repeated where they can reach it. */
export const AlarmItem = stored({
  pk: z.string(),
  sk: z.string(),
  version: VERSION,
  incidentId: z.string(),
  /** How often it was written. */
  words: z.number().int().min(1),
  alarm: JoinedAlarm,
});
export type AlarmItem = z.infer<typeof AlarmItem>;

/** The newest reading of a node. What conditions look at is repeated where they can reach it. */
export const ReadingItem = stored({
  pk: z.string(),
  sk: z.literal('reading'),
  version: VERSION,
  nonce: z.string(),
  isOutdated: z.boolean(),
  isSent: z.boolean(),
  reading: NodeReading,
  /** Seconds since the Unix epoch: the table's attribute for items that end. */
  deleteAt: z.number().int(),
});
export type ReadingItem = z.infer<typeof ReadingItem>;

/** From when on nobody has taken a turn to speak. */
export const PaceItem = stored({
  pk: z.string(),
  sk: z.literal('pace'),
  version: VERSION,
  /** Milliseconds since the Unix epoch. */
  freeAt: z.number().int(),
  /** Seconds since the Unix epoch: the table's attribute for items that end; absent in old ones. */
  deleteAt: z.number().int().optional(),
});
export type PaceItem = z.infer<typeof PaceItem>;

/** Key of an incident's head. */
export const headKey = (id: string) => ({ pk: id, sk: 'head' }) as const;

/** Key of the right to post an incident's first card. */
export const cardClaimKey = (id: string) => ({ pk: id, sk: 'card' }) as const;

/** Key of a collection; the number is padded, so that the order of the keys is the order in time. */
export const collectionKey = (id: string, instanceId: string, collection: number) => ({
  pk: id,
  sk: `collection#${instanceId}#${String(collection).padStart(6, '0')}`,
});

/** Key of a plan; collections are padded as in {@link collectionKey}. */
export const planKey = (id: string, { collection, digest }: Plan) => ({
  pk: id,
  sk: `plan#${String(collection).padStart(6, '0')}#${digest}`,
});

/** Key of a step; decisions are padded as in {@link collectionKey}. */
export const stepKey = (id: string, { decision, instanceId, kind }: Remediation) => ({
  pk: id,
  sk: `${STEPS}${String(decision).padStart(6, '0')}#${instanceId}#${kind}`,
});

/** With what the sort keys of all steps begin. */
export const STEPS = 'step#';

/** Key of a decision that was moved out of the head; numbers are padded as in {@link collectionKey}. */
export const roundKey = (id: string, { number }: Decision) => ({
  pk: id,
  sk: `${ROUNDS}${String(number).padStart(6, '0')}`,
});

/** With what the sort keys of all such decisions begin. */
export const ROUNDS = 'round#';

/** Key of what was about to be done for an incident outside of the record. */
export const begunKey = (id: string, what: string) => ({ pk: id, sk: `begun#${what}` });

/** Key of a signed click: no incident's partition, so that a role may be given the one without the other. */
export const clickKey = (id: string, reference: string) => ({ pk: `click#${id}`, sk: reference });

/** Key of the lock that keeps an alarm to one open incident. */
export const openKey = (alarmArn: string) => ({ pk: `open#${alarmArn}`, sk: 'lock' }) as const;

/** Key of the newest OK of an alarm. */
export const okKey = (alarmArn: string) => ({ pk: `open#${alarmArn}`, sk: 'ok' }) as const;

/** Key of what says which incident an alarm opened last. */
export const newestKey = (alarmArn: string) => ({ pk: `open#${alarmArn}`, sk: 'newest' }) as const;

/** Key of the firings of an incident: a partition of their own, so that a role may be allowed to count and no more. */
export const firingsKey = (id: string) => ({ pk: `fired#${id}`, sk: 'firings' }) as const;

/** Key of the lock that keeps a node to one change at a time. */
export const nodeLockKey = (instanceId: string) => ({ pk: `node#${instanceId}`, sk: 'lock' }) as const;

/** Key of what says which incident has a node. */
export const nodeIncidentKey = (instanceId: string) =>
  ({ pk: `node#${instanceId}`, sk: 'incident' }) as const;

/** Key of what says which early warning a node had last. */
export const nodeWarningKey = (instanceId: string) => ({ pk: `node#${instanceId}`, sk: 'warning' }) as const;

/** Key of what says which incident gathers a verdict in a cluster, whose name may hold anything. */
export const troubleKey = (cluster: string, verdict: string) =>
  ({ pk: `open#trouble#${verdict}#${sha256(cluster).slice(0, 32)}`, sk: 'incident' }) as const;

/** Key of an alarm that an incident has taken in; names of alarms are longer than a key may be. */
export const alarmKey = (id: string, arn: string) => ({ pk: id, sk: `${ALARMS}${sha256(arn).slice(0, 32)}` });

/** With what the sort keys of all such alarms begin. */
export const ALARMS = 'alarm#';

/** Key of the newest reading of a node. */
export const readingKey = (instanceId: string) => ({ pk: `node#${instanceId}`, sk: 'reading' }) as const;

/** Key of the turns to speak: messages are counted by channel, edits together and by their card. */
export const paceKey = (call: PacedCall | PacedCard, of: string) =>
  ({ pk: call === 'edit' ? 'slack#edit' : `slack#${call}#${of}`, sk: 'pace' }) as const;
