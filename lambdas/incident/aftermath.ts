import { InvokeError } from '@aws/durable-execution-sdk-js';
import { show } from '../../src/core/diagnosis/signature.ts';
import type { AssociationAnswer } from '../../src/core/keep/manage-association.ts';
import { isLive } from '../../src/core/record/association.ts';
import type { NodeCollection } from '../../src/core/record/collection.ts';
import type { DriftCheck } from '../../src/core/record/drift-check.ts';
import type { IncidentState } from '../../src/core/record/incident.ts';
import { isClosed } from '../../src/core/record/transitions.ts';
import { checkDrift, standingChanges } from '../../src/core/remediation/drift.ts';
import { log } from '../log.ts';
import type { AssociationEvent } from '../remediate.ts';
import { IncidentSteps } from './evidence.ts';

/** What the workflow does once an incident has ended, each as durable steps. */
export class IncidentAftermath extends IncidentSteps {
  /**
   * Waits, collects from the changed nodes once more and says whether the change still holds. What fails here is logged
   * and leaves the incident ended as it was.
   */
  async watchForDrift(): Promise<void> {
    try {
      if ((await this.read('look for changes to watch', standingChanges)).length === 0) return;
      await this.ctx.wait('drift', { seconds: this.parts.driftSeconds });
      const raised = await this.read('look for changes that stand', (head) =>
        isClosed(head.state) ? standingChanges(head) : [],
      );
      if (raised.length === 0) return;
      await this.collect(raised);
      const check = await this.step('check drift', async () => await this.recordDrift());
      if (check === null) return;
      await this.show();
      const sentences = check.nodes.map(({ why }) => why).join('\n');
      await this.tell('post drift', async () =>
        this.parts.notifier.postNote(await this.incident(), `Looked again at ${check.at}:\n${sentences}`),
      );
    } catch (error) {
      log('drift-check-failed', { incidentId: this.id, error: String(error) });
    }
  }

  /** Has the association created that the decision ordered, and says in card and thread what came of it. */
  async keepOnGroup(decision: number): Promise<IncidentState> {
    const why = await this.manageAssociation(decision, 'create');
    await this.show();
    await this.tell('post association', async () => {
      const incident = await this.incident();
      const { group, max } = incident.head.association ?? { group: 'the group', max: 0 };
      const kept = `Kept on ${group}: at least nf_conntrack_max ${show(max)}, also on nodes that join. Roll back ends it first.`;
      await this.parts.notifier.postNote(incident, why === '' ? kept : why);
    });
    return await this.read('read state', ({ state }) => state);
  }

  /**
   * Asks the remediate function to create or delete the association; without one there is nothing to delete.
   * @returns why it did not come to that; empty when it did
   */
  async manageAssociation(decision: number, association: AssociationEvent['association']): Promise<string> {
    const isWanted = await this.read('look for an association', (head) => isLive(head.association));
    if (!isWanted) return '';
    const event: AssociationEvent = { incidentId: this.id, decision, association };
    try {
      const answer = await this.ctx.invoke<AssociationEvent, AssociationAnswer>(
        `${association} association`,
        this.parts.remediateFunction,
        event,
      );
      return answer.kind === 'refused' ? answer.why : '';
    } catch (error) {
      if (!(error instanceof InvokeError)) throw error;
      log('association-interrupted', { incidentId: this.id, association, error: error.message });
      return `To ${association} the association was interrupted; look into State Manager before anything else.`;
    }
  }

  /** @returns nothing when a rollback was ordered meanwhile: then the values are about to move */
  private async recordDrift(): Promise<DriftCheck | null> {
    const { head, collections } = await this.incident();
    const earlier = new Map<string, NodeCollection>();
    for (const { instanceId, verification } of head.remediations) {
      const verified =
        verification && (await this.parts.store.collection(this.id, instanceId, verification.collection));
      if (verified !== undefined) earlier.set(instanceId, verified);
    }
    const check = checkDrift(head, collections, earlier, this.now());
    if (check === undefined) return null;
    const updated = await this.update((now) =>
      isClosed(now.state) ? { ...now, drift: [...(now.drift ?? []), check] } : now,
    );
    return updated.drift?.some(({ at }) => at === check.at) === true ? check : null;
  }
}
