import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ownAlarm } from '../../core/incident/joining/alarms-ok.ts';
import { noteFiring } from '../../core/incident/open-incident.ts';
import type { HeadChange, IncidentStore, Opened } from '../../core/ports.ts';
import type { CardView } from '../../core/record/card-view.ts';
import type { NodeCollection } from '../../core/record/collection.ts';
import type { Incident, IncidentHead, IncidentHistory } from '../../core/record/incident.ts';
import type { Plan } from '../../core/record/plan.ts';
import { RECORD_VERSION } from '../../core/record/stored.ts';
import { isClosed } from '../../core/record/transitions.ts';
import { UNFINISHED } from '../../core/record/unfinished.ts';
import { RecordBusyError, RecordConflictError } from '../errors.ts';
import { DynamoAlarmWords } from './alarm-words.ts';
import { DynamoCardViews } from './card-views.ts';
import { ABSENT, DynamoDocuments, isSame } from './documents.ts';
import { changedHeadItem, firstHeadItem, newWrite } from './head-item.ts';
import {
  type BegunItem,
  begunKey,
  CollectionItem,
  collectionKey,
  HeadItem,
  headKey,
  isMadeBy,
  OpenItem,
  openKey,
  PlanItem,
  planKey,
} from './items.ts';
import { DynamoJoins } from './joins.ts';
import { withoutPast, withPast } from './moved-past.ts';
import { DynamoNodeLocks } from './node-locks.ts';

/** How often an update is tried when others keep being first. */
const UPDATE_ATTEMPTS = 12;
/** A lock without a head older than this belongs to an opening that died half-way. */
const OPENING_MAX_MS = 60_000;
/** How often, and with which pause in milliseconds, an opening of somebody else is waited for. */
const OPENING_LOOKS = 20;
const OPENING_PAUSE_MS = 100;

/** How long things may take. */
export interface DynamoStoreOptions {
  /** After this a node lock counts as left behind: longer than any command can run. */
  readonly nodeLockSeconds: number;
}

/**
 * Incident records in one DynamoDB table, with conditional writes only: no transaction, no blind write. The SDK sends a write
 * again whose answer did not come, and the second then fails at what the first has done: so whoever is told that a
 * condition does not hold looks whether it was its own doing, even if others have written since.
 */
export class DynamoIncidentStore implements IncidentStore {
  readonly joins: DynamoJoins;
  private readonly documents: DynamoDocuments;
  private readonly views: DynamoCardViews;
  private readonly words: DynamoAlarmWords;
  private readonly locks: DynamoNodeLocks;

  constructor(client: DynamoDBClient, table: string, { nodeLockSeconds }: DynamoStoreOptions) {
    this.documents = new DynamoDocuments(client, table);
    this.views = new DynamoCardViews(this.documents, newWrite);
    this.words = new DynamoAlarmWords(this.documents);
    this.joins = new DynamoJoins(this.documents);
    this.locks = new DynamoNodeLocks(this.documents, nodeLockSeconds * 1000);
  }

  async open(head: IncidentHead): Promise<Opened> {
    const existing = await this.head(head.id);
    if (existing !== undefined) return await this.opened('exists', existing);
    const holder = await this.takeAlarm(head);
    if (holder !== undefined) {
      const counted = await this.count(holder, head.alarm.changedAt, (now) => !isClosed(now.state));
      // It ended between the two reads: then this firing opens the next one.
      if (counted === undefined || isClosed(counted.state)) return await this.open(head);
      return { kind: 'already-open', head: counted };
    }
    const first = { ...head, revision: 1 };
    const write = newWrite();
    if (await this.documents.put(firstHeadItem(first, write), ABSENT))
      return await this.opened('opened', first);
    const winner = await this.documents.get(headKey(head.id), HeadItem);
    if (winner === undefined)
      throw new RecordBusyError(`${head.id} was stored and is gone again; deliver the alarm again.`);
    return await this.opened(isMadeBy(winner, write) ? 'opened' : 'exists', winner.head);
  }

  async noteOk(alarmArn: string, okAt: string): Promise<void> {
    await this.words.noteOk(alarmArn, okAt);
  }

  async lastOkOf(alarmArn: string): Promise<string | undefined> {
    return await this.words.lastOkOf(alarmArn);
  }

  async newestIncidentOf(alarmArn: string): Promise<IncidentHead | undefined> {
    const id = await this.words.newestOf(alarmArn);
    return id === undefined ? undefined : await this.head(id);
  }

  async countFiring(id: string, firedAt: string): Promise<IncidentHead> {
    const head = await this.head(id);
    const counted = head && (await this.count(head, firedAt, () => true));
    if (counted === undefined)
      throw new RecordBusyError(`${id} is not in the table any more; deliver the alarm again.`);
    return counted;
  }

  async head(id: string): Promise<IncidentHead | undefined> {
    return (await this.documents.get(headKey(id), HeadItem))?.head;
  }

  async load(id: string): Promise<Incident | undefined> {
    const head = await this.head(id);
    if (head === undefined) return undefined;
    const items = await this.documents.query(id, 'collection#', CollectionItem);
    const newest = new Map(items.map(({ collection }) => [collection.instanceId, collection]));
    const earlier = items.flatMap(({ collection }) =>
      newest.get(collection.instanceId) === collection ? [] : [collection],
    );
    return { head, collections: [...newest.values()], earlier, ...(await this.alarmsOf(head)) };
  }

  async update(
    id: string,
    change: HeadChange,
  ): Promise<{ ok: true; head: IncidentHead } | { ok: false; refusal: string }> {
    const write = newWrite();
    for (let attempt = 0; ; attempt++) {
      const item = await this.documents.get(headKey(id), HeadItem);
      if (item === undefined) return { ok: false, refusal: `${id} is not in the table any more.` };
      const { head } = item;
      if (isMadeBy(item, write)) return { ok: true, head };
      if (attempt === UPDATE_ATTEMPTS) break;
      const changed = change(head);
      if (typeof changed === 'string') return { ok: false, refusal: changed };
      if (changed === head) return { ok: true, head };
      const next = HeadItem.shape.head.parse({ ...changed, revision: head.revision + 1 });
      const condition = { expression: 'revision = :seen', values: { ':seen': head.revision } };
      const kept = await withoutPast(this.documents, next);
      if (await this.documents.put(changedHeadItem(item, kept, write), condition))
        return { ok: true, head: kept };
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * (attempt + 1)));
    }
    throw new RecordBusyError(
      `${id} was changed by others ${UPDATE_ATTEMPTS} times in a row; nothing was stored, try again.`,
    );
  }

  async cardView(id: string): Promise<CardView | undefined> {
    return await this.views.view(id);
  }

  async noteShown(id: string, revision: number): Promise<void> {
    await this.views.noteShown(id, revision);
  }

  async noteEndTold(id: string): Promise<void> {
    await this.views.noteEndTold(id);
  }

  async noteNews(id: string): Promise<void> {
    await this.views.noteNews(id);
  }

  async noteNotShown(id: string, waitSeconds: number): Promise<void> {
    await this.views.noteNotShown(id, waitSeconds);
  }

  async claimSaying(id: string, holder?: string): Promise<boolean> {
    return await this.views.claim(id, holder);
  }

  async releaseSaying(id: string): Promise<void> {
    await this.views.release(id);
  }

  async unfinished(): Promise<readonly string[]> {
    return await this.documents.partitions(UNFINISHED);
  }

  async putCollection(id: string, collection: NodeCollection): Promise<void> {
    const key = collectionKey(id, collection.instanceId, collection.collection);
    const isStored = await this.documents.put({ ...key, version: RECORD_VERSION, collection }, ABSENT);
    if (isStored) return;
    const stored = await this.collection(id, collection.instanceId, collection.collection);
    // What was judged is the same whether or not a copy of it could be kept at that try.
    const { evidence: _theirs, ...rest } = collection;
    const { evidence: _ours, ...kept } = stored ?? collection;
    if (stored !== undefined && isSame(kept, rest)) return;
    throw new RecordConflictError(
      `${id} has collection ${collection.collection} of ${collection.instanceId} already; it was kept.`,
    );
  }

  async collection(id: string, instanceId: string, collection: number): Promise<NodeCollection | undefined> {
    return (await this.documents.get(collectionKey(id, instanceId, collection), CollectionItem))?.collection;
  }

  async begin(id: string, what: string): Promise<boolean> {
    const item: BegunItem = { ...begunKey(id, what), version: RECORD_VERSION };
    return await this.documents.put(item, ABSENT);
  }

  async putPlan(id: string, plan: Plan): Promise<void> {
    // The digest in the key covers the plan, so what is there already is the same plan.
    await this.documents.put({ ...planKey(id, plan), version: RECORD_VERSION, plan }, ABSENT);
  }

  async history(id: string): Promise<IncidentHistory | undefined> {
    const head = await this.head(id);
    if (head === undefined) return undefined;
    const collections = await this.documents.query(id, 'collection#', CollectionItem);
    const plans = await this.documents.query(id, 'plan#', PlanItem);
    return {
      head: await withPast(this.documents, head),
      collections: collections.map(({ collection }) => collection),
      plans: plans.map(({ plan }) => plan),
      ...(await this.alarmsOf(head)),
    };
  }

  async openIncidentOf(alarmArn: string): Promise<IncidentHead | undefined> {
    const lock = await this.documents.get(openKey(alarmArn), OpenItem);
    const head = lock === undefined ? undefined : await this.head(lock.incidentId);
    return head === undefined || isClosed(head.state) ? undefined : head;
  }

  async close(head: IncidentHead): Promise<void> {
    await this.documents.delete(openKey(head.alarm.arn), heldBy(head.id));
  }

  async lockNode(instanceId: string, holder: string): Promise<boolean> {
    return await this.locks.lock(instanceId, holder);
  }

  async unlockNode(instanceId: string, holder: string): Promise<void> {
    await this.locks.unlock(instanceId, holder);
  }

  /** Its own alarm and those that have joined, with what each said last; nothing where none has. */
  private async alarmsOf(head: IncidentHead): Promise<Pick<Incident, 'alarms'>> {
    if (head.joined === undefined) return {};
    const okAt = await this.words.lastOkOf(head.alarm.arn);
    return { alarms: [ownAlarm(head, okAt), ...(await this.joins.alarmsOf(head.id))] };
  }

  /** The incident that has the alarm; one that is being opened is waited for a little, so that a burst is one delivery each. */
  private async headOfOpening({ incidentId, takenAt }: OpenItem): Promise<IncidentHead | undefined> {
    for (let look = 0; ; look++) {
      const head = await this.head(incidentId);
      if (head !== undefined || look === OPENING_LOOKS || Date.now() - takenAt >= OPENING_MAX_MS) return head;
      await new Promise((resolve) => setTimeout(resolve, OPENING_PAUSE_MS));
    }
  }

  /** Whoever opened an incident, or finds it open, says that it is the alarm's newest: an opening may have died before that. */
  private async opened(kind: 'opened' | 'exists', head: IncidentHead): Promise<Opened> {
    await this.words.noteOpened(head.alarm.arn, head.id, head.alarm.changedAt);
    return { kind, head };
  }

  /** Counts a firing and writes into the head what the count is; nothing when the head is gone. */
  private async count(
    { id, seen }: IncidentHead,
    firedAt: string,
    isFor: (head: IncidentHead) => boolean,
  ): Promise<IncidentHead | undefined> {
    const count = await this.words.count(id, firedAt, seen.count);
    const updated = await this.update(id, (head) => (isFor(head) ? noteFiring(head, firedAt, count) : head));
    return updated.ok ? updated.head : undefined;
  }

  /** Takes the alarm for this incident; returns the open incident that has it, if one does. */
  private async takeAlarm(head: IncidentHead): Promise<IncidentHead | undefined> {
    const item: OpenItem = {
      ...openKey(head.alarm.arn),
      version: RECORD_VERSION,
      incidentId: head.id,
      takenAt: Date.now(),
    };
    if (await this.documents.put(item, ABSENT)) return undefined;
    const lock = await this.documents.get(openKey(head.alarm.arn), OpenItem);
    if (lock?.incidentId === head.id) return undefined;
    const holder = lock === undefined ? undefined : await this.headOfOpening(lock);
    if (holder !== undefined && !isClosed(holder.state)) return holder;
    const isBeingOpened = lock && !holder && Date.now() - lock.takenAt < OPENING_MAX_MS;
    if (isBeingOpened !== true) {
      if (await this.documents.put(item, lock === undefined ? ABSENT : heldBy(lock.incidentId)))
        return undefined;
      if ((await this.documents.get(openKey(head.alarm.arn), OpenItem))?.incidentId === head.id)
        return undefined;
    }
    throw new RecordBusyError(
      `Another incident of ${head.alarm.name} is being opened at this moment; deliver the alarm again.`,
    );
  }
}

const heldBy = (incidentId: string) => ({ expression: 'incidentId = :id', values: { ':id': incidentId } });
