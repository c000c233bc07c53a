import { type DurableContext, InvokeError } from '@aws/durable-execution-sdk-js';
import { messageOf } from '../../src/core/errors.ts';
import { END_KEYS } from '../../src/core/incident/shown/end-words.ts';
import type { TextOf } from '../../src/core/incident/shown/owed-words.ts';
import { type AssociationAnswer, MAY_ARRIVE_SECONDS } from '../../src/core/keep/manage-association.ts';
import type { Saying } from '../../src/core/notifier.ts';
import { isLive } from '../../src/core/record/association.ts';
import type { NodeCollection } from '../../src/core/record/collection.ts';
import type { DriftCheck } from '../../src/core/record/drift-check.ts';
import type { IncidentHead, IncidentState } from '../../src/core/record/incident.ts';
import { isClosed } from '../../src/core/record/transitions.ts';
import { checkDrift, standingChanges } from '../../src/core/remediation/drift.ts';
import { lastingRunbook } from '../../src/core/runbook/lasting-runbook.ts';
import { postRunbooks } from '../../src/core/runbook/post-runbooks.ts';
import { noteOfEnd, noteOfNewNodes, noteOfRollback } from '../../src/core/runbook/thread-notes.ts';
import { show } from '../../src/core/words.ts';
import { log } from '../log.ts';
import type { AssociationEvent } from '../remediate.ts';
import type { IncidentEvidence } from './evidence.ts';
import type { IncidentParts } from './parts.ts';
import type { IncidentRecord } from './record.ts';

/** The same head where nothing is owed: then there is nothing to store. */
function withoutAftermath(head: IncidentHead): IncidentHead {
  const { aftermath, ...rest } = head;
  return aftermath === undefined ? head : rest;
}

function withoutUndone(head: IncidentHead, decision: number): IncidentHead {
  const { undone, ...rest } = head;
  return undone === decision ? rest : head;
}

/** What the workflow does once an incident has ended, each as durable steps. */
export class IncidentAftermath {
  private readonly ctx: DurableContext;
  private readonly parts: IncidentParts;
  private readonly record: IncidentRecord;
  private readonly evidence: IncidentEvidence;

  constructor(ctx: DurableContext, parts: IncidentParts, record: IncidentRecord, evidence: IncidentEvidence) {
    this.ctx = ctx;
    this.parts = parts;
    this.record = record;
    this.evidence = evidence;
  }

  /** Says in the thread that the incident has nodes by now that its card did not name. */
  async postNewNodes(): Promise<void> {
    await this.note('post that nodes have joined', noteOfNewNodes);
  }

  /**
   * Posts into the thread what of it the end has made untrue, and what keeps a raise that stands from being undone; nothing
   * when there is nothing to say.
   */
  async postLasting(): Promise<void> {
    await this.note('post what the end made untrue', noteOfEnd, END_KEYS.note);
    const say = async (saying: Saying) => {
      const [incident, history] = [await this.record.load(), await this.parts.store.history(this.record.id)];
      const runbook = history === undefined ? undefined : lastingRunbook(history);
      if (runbook !== undefined) await postRunbooks(this.parts.notifier, incident, [runbook], saying);
    };
    await this.record.tell('lasting', 'post how to make it last', say, { once: 'lasting' });
  }

  /**
   * Says in the thread what of it a rollback after the end has made untrue; nothing when there is nothing of the kind.
   * @param decision that ordered it
   */
  async postUndone(decision: number): Promise<void> {
    await this.note('post what no longer holds', noteOfRollback, `undone-${decision}`);
    await this.noteDone('note that all is said', (head) => withoutUndone(head, decision));
  }

  /**
   * Waits, collects from the changed nodes once more and says whether the change still holds. What fails here is logged,
   * leaves the incident ended as it was, and the card says that nobody has looked.
   */
  async watchForDrift(): Promise<void> {
    const { isStanding, isOwed } = await this.record.read('look for changes to watch', (head) => ({
      isStanding: standingChanges(head).length > 0,
      isOwed: head.aftermath !== undefined,
    }));
    try {
      if (isStanding) await this.look();
    } catch (error) {
      await this.record.miss({ what: 'look', why: messageOf(error) });
    }
    if (isOwed) await this.noteDone('note that all is done', withoutAftermath);
  }

  /** Nothing is left to do, also where no look was possible or wanted any more. */
  private async noteDone(name: string, without: (head: IncidentHead) => IncidentHead): Promise<void> {
    const isNews = await this.record.step(name, async () => {
      const before = await this.record.head();
      return (await this.record.update(without)).revision !== before.revision;
    });
    if (!isNews) return;
    await this.record.show();
    await this.record.keepAudit();
  }

  private async look(): Promise<void> {
    await this.ctx.wait('drift', { seconds: this.parts.driftSeconds });
    const raised = await this.record.read('look for changes that stand', (head) =>
      isClosed(head.state) ? standingChanges(head) : [],
    );
    if (raised.length === 0) return;
    await this.evidence.collect(raised, { isFresh: true });
    const check = await this.record.step('check drift', async () => await this.recordDrift());
    if (check === null) return;
    await this.record.show();
    const sentences = check.nodes.map(({ why }) => why).join('\n');
    await this.note('post drift', () => `Looked again at ${check.at}:\n${sentences}`);
  }

  /** Has the association created that the decision ordered, and says in card and thread what came of it. */
  async keepOnGroup(decision: number): Promise<IncidentState> {
    let why = await this.manageAssociation(decision, 'create');
    const isOpen = await this.record.read(
      'look whether it is settled',
      (head) => head.association?.state === 'sent',
    );
    if (isOpen) {
      await this.record.show();
      await this.ctx.wait('what was sent may arrive', { seconds: MAY_ARRIVE_SECONDS });
      why = await this.manageAssociation(decision, 'create');
    }
    await this.record.show();
    await this.note('post association', ({ association }) => {
      if (why !== '') return why;
      const { group, max } = association ?? { group: 'the group', max: 0 };
      return `Kept on ${group}: at least nf_conntrack_max ${show(max)}, also on nodes that join. Roll back ends it first.`;
    });
    return await this.record.read('read state', ({ state }) => state);
  }

  /**
   * Asks the remediate function to create or delete the association; without one there is nothing to delete.
   * @returns why it did not come to that; empty when it did
   */
  async manageAssociation(decision: number, association: AssociationEvent['association']): Promise<string> {
    const isWanted = await this.record.read('look for an association', (head) => isLive(head.association));
    if (!isWanted) return '';
    const event: AssociationEvent = { incidentId: this.record.id, decision, association };
    try {
      const answer = await this.ctx.invoke<AssociationEvent, AssociationAnswer>(
        `${association} association`,
        this.parts.remediateFunction,
        event,
      );
      return answer.kind === 'refused' ? answer.why : '';
    } catch (error) {
      if (!(error instanceof InvokeError)) throw error;
      log('association-interrupted', { incidentId: this.record.id, association, error: error.message });
      return `To ${association} the association was interrupted; look into State Manager before anything else.`;
    }
  }

  /** Posts one line into the thread, by what the record says then; nothing where there is nothing to say. */
  private async note(name: string, textOf: TextOf, once?: string): Promise<void> {
    const say = async (saying: Saying) => {
      const incident = await this.record.load();
      const text = textOf(incident.head);
      if (text !== undefined) await this.parts.notifier.postNote(incident, text, saying);
      if (once === END_KEYS.note) await this.parts.store.noteEndTold(this.record.id);
    };
    await this.record.tell('note', name, say, { textOf, ...(once !== undefined && { once }) });
  }

  /** @returns nothing when a rollback was ordered meanwhile: then the values are about to move */
  private async recordDrift(): Promise<DriftCheck | null> {
    const { head, collections } = await this.record.load();
    // Who repeats it, after it died half-way, has it in the record.
    const own = head.drift?.find(({ collection }) => collection === head.collection);
    if (own !== undefined) return own;
    const earlier = new Map<string, NodeCollection>();
    for (const { instanceId, verification } of head.remediations) {
      const verified =
        verification &&
        (await this.parts.store.collection(this.record.id, instanceId, verification.collection));
      if (verified !== undefined) earlier.set(instanceId, verified);
    }
    const check = checkDrift(head, collections, earlier, this.record.now());
    if (check === undefined) return null;
    const updated = await this.record.update((now) =>
      isClosed(now.state) ? { ...withoutAftermath(now), drift: [...(now.drift ?? []), check] } : now,
    );
    return updated.drift?.some(({ at }) => at === check.at) === true ? check : null;
  }
}
