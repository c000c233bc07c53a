import { checkDrift, standingChanges } from '../src/core/drift.ts';
import type { DriftCheck } from '../src/core/drift-check.ts';
import type { NodeCollection } from '../src/core/incident.ts';
import { isClosed } from '../src/core/incident-transitions.ts';
import { IncidentSteps } from './incident-steps.ts';
import { log } from './log.ts';

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
