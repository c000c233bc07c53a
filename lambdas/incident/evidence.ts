import { type DurableContext, InvokeError } from '@aws/durable-execution-sdk-js';
import { awaitDecision } from '../../src/core/incident/await-decision.ts';
import { readCollection, sendCollection } from '../../src/core/incident/collect-evidence.ts';
import { decide, pendingDecision } from '../../src/core/incident/decide.ts';
import { showIncident } from '../../src/core/incident/show-incident.ts';
import { stepName } from '../../src/core/plan/kinds.ts';
import { type Outlook, outlookOf, recordPlan } from '../../src/core/plan/plan-evidence.ts';
import type { Decision } from '../../src/core/record/incident.ts';
import { type NodePlace, placeOfNodes } from '../../src/core/record/node-place.ts';
import type { RemediationKind } from '../../src/core/record/plan.ts';
import { groupByNumbers, type RemediationOrder } from '../../src/core/remediation/authorise.ts';
import { stepsOf } from '../../src/core/remediation/claim.ts';
import type { RemediateAnswer } from '../../src/core/remediation/remediate-nodes.ts';
import {
  isDone,
  needsReading,
  reasonOf,
  type Verdict,
  verdictOf,
  verifyRemediation,
} from '../../src/core/remediation/verify.ts';
import { lastingRunbook } from '../../src/core/runbook/lasting-runbook.ts';
import { renderRunbook } from '../../src/core/runbook/render-runbook.ts';
import { log } from '../log.ts';
import type { RemediateEvent } from '../remediate.ts';
import { newNonce } from '../wiring.ts';
import { IncidentRecord, WORKFLOW } from './record.ts';

/** What is known after an order was given: whether all went well, and which nodes have to be read. */
export interface Ordered {
  readonly isDone: boolean;
  readonly toRead: readonly string[];
  /** Nodes on which the command has certainly ended. */
  readonly over: readonly string[];
  /** Why it did not go well. */
  readonly why: string;
}

/** What was seen of a command on several nodes. */
interface Followed {
  /** How many nodes had ended it when the card was drawn last. */
  readonly shown: number;
  readonly hasBegun: boolean;
  readonly hasEnded: boolean;
}

/** Looks after which an order that claims no step is taken for one that was refused. */
const LOOKS_FOR_A_BEGINNING = 3;

/** What the workflow does, each as durable steps. */
export class IncidentSteps extends IncidentRecord {
  /** Finds the nodes behind the alarm and notes the ones that cannot be asked. */
  async resolveNodes(): Promise<{ instanceIds: string[]; gaps: string[] }> {
    const found = await this.step('resolve nodes', async () => {
      const { nodes, gaps } = await this.parts.fleet.resolve((await this.incident()).head.alarm);
      await this.update((head) => ({ ...head, nodes, nodeGaps: gaps }));
      return { instanceIds: nodes.map(({ instanceId }) => instanceId), gaps };
    });
    await this.show();
    return found;
  }

  /** Collects from the nodes: sent, waited for, read and stored. */
  async collect(instanceIds: readonly string[]): Promise<void> {
    const sent = await this.step('send collection', () =>
      sendCollection(this.parts, this.id, instanceIds, newNonce()),
    );
    if (sent.commandId !== undefined) await this.waitForCommand(sent.commandId, sent.reached, sent.place);
    await this.step('read collection', () => readCollection(this.parts, this.id, sent));
  }

  /** Says what the newest collection of the nodes leads to and puts its plan on record. */
  async diagnose(instanceIds: readonly string[]): Promise<Outlook> {
    return await this.step('diagnose', async () => {
      const incident = await this.incident();
      const outlook = outlookOf(incident, instanceIds);
      if (outlook.kind !== 'no-evidence') {
        const head = await this.update((now) =>
          recordPlan(now, incident.collections, instanceIds, this.now()),
        );
        if (head.plan !== undefined) await this.parts.store.putPlan(this.id, head.plan);
      }
      return outlook;
    });
  }

  /** Posts the runbook of the leading verdict into the thread. */
  async postRunbook(): Promise<void> {
    await this.tell('post runbook', async () => {
      const incident = await this.incident();
      const runbook = renderRunbook(incident, this.parts.catalogue, this.parts.runbookTexts);
      await this.parts.notifier.postRunbook(incident, runbook);
    });
  }

  /** Posts into the thread what keeps a raise that stands from being undone; nothing when there is nothing to say. */
  async postLasting(): Promise<void> {
    await this.tell('post how to make it last', async () => {
      const [incident, history] = [await this.incident(), await this.parts.store.history(this.id)];
      const runbook = history === undefined ? undefined : lastingRunbook(history);
      if (runbook !== undefined) await this.parts.notifier.postRunbook(incident, runbook);
    });
  }

  /**
   * Opens a callback, shows the buttons and waits. What counts is the decision on record, not what woke the workflow.
   * @param why shown on the card when the wait follows a refusal
   * @returns nothing when somebody woke the workflow without a decision
   */
  async waitForDecision(why?: string): Promise<Decision | undefined> {
    const timeout = { seconds: this.parts.decisionTimeoutSeconds };
    const [answer, id] = await this.ctx.createCallback('decision', { timeout });
    const isDecided = await this.step('offer', async () => {
      const expiresAt = new Date(this.parts.clock.now() + timeout.seconds * 1000).toISOString();
      const head = await this.update((now) => awaitDecision(now, { id, expiresAt }, this.now(), why));
      return pendingDecision(head) !== undefined;
    });
    if (!(await this.show()))
      throw new Error('the card could not be shown in Slack, so nobody could decide.');
    const isWoken =
      isDecided ||
      (await answer.then(
        () => true,
        () => false,
      ));
    return await this.step('read decision', async () => {
      const rules = { now: this.parts.clock.now(), approvers: [], evidenceMaxAgeSeconds: 0 };
      const head = await this.update((now) =>
        isWoken || pendingDecision(now) !== undefined
          ? now
          : decide(now, { kind: 'timeout', actor: WORKFLOW }, rules),
      );
      return pendingDecision(head);
    });
  }

  /**
   * The approved change and its nodes: a canary unless a change was verified before, and the rest in groups with the same
   * numbers.
   */
  async approvedNodes(): Promise<{ change: RemediationKind; canary: string | null; groups: string[][] }> {
    return await this.read('read plan', ({ plan, remediations }) => {
      const nodes = plan?.nodes ?? [];
      const isVerified = remediations.some(({ verification }) => verification?.passed === true);
      const groups = groupByNumbers(isVerified ? nodes : nodes.slice(1));
      return {
        change: nodes[0]?.kind ?? 'raise-max',
        canary: isVerified ? null : (nodes[0]?.instanceId ?? null),
        groups: groups.map((group) => group.map(({ instanceId }) => instanceId)),
      };
    });
  }

  /** Has an order carried out by the remediate function, once, and reads from the record what came of it. */
  async order(order: RemediationOrder): Promise<Ordered> {
    const refusal = await this.carryOut(order);
    const lost = await this.read('look for lost answers', (head) =>
      stepsOf(head, order).flatMap(({ commandId, instanceId, outcome }) =>
        commandId !== undefined && (outcome === undefined || outcome === 'unknown')
          ? [{ commandId, instanceId, place: placeOfNodes(head, [instanceId]) }]
          : [],
      ),
    );
    const [first] = lost;
    const lostIds = lost.map(({ instanceId }) => instanceId);
    const isOver = first !== undefined && (await this.waitForCommand(first.commandId, lostIds, first.place));
    return await this.read('read outcome', (head) => {
      const steps = stepsOf(head, order);
      const bad = steps.find((step) => !isDone(step));
      const failed = steps.filter(({ outcome }) => outcome === 'failed').map(({ instanceId }) => instanceId);
      return {
        isDone: steps.length === order.instanceIds.length && bad === undefined,
        toRead: steps.filter(needsReading).map(({ instanceId }) => instanceId),
        over: isOver ? [...failed, ...lostIds] : failed,
        why: bad === undefined ? refusal : reasonOf(bad),
      };
    });
  }

  /** One order after the other; the first that does not go well stops those after it. */
  async orderInTurn(orders: readonly RemediationOrder[]): Promise<Ordered> {
    let all: Ordered = { isDone: true, toRead: [], over: [], why: '' };
    for (const order of orders) {
      const { isDone: isGood, toRead, over, why } = await this.order(order);
      all = { isDone: isGood, toRead: [...all.toRead, ...toRead], over: [...all.over, ...over], why };
      if (!isGood) break;
    }
    return all;
  }

  /** Holds an order against what its nodes show after a while; `others` are read along with them. */
  async verify(
    order: RemediationOrder,
    { toRead, over }: Pick<Ordered, 'toRead' | 'over'>,
    others: readonly string[] = [],
  ): Promise<Verdict> {
    await this.ctx.wait('settle', { seconds: this.parts.settleSeconds });
    await this.collect([...toRead, ...others]);
    return await this.step('verify', async () => {
      await verifyRemediation(this.parts.store, this.parts.catalogue, this.id, order, over);
      return verdictOf((await this.incident()).head, order);
    });
  }

  /** Has an order carried out, and of one for several nodes shows how far it has come. */
  private async carryOut(order: RemediationOrder): Promise<string> {
    if (order.instanceIds.length < 2) return await this.invokeRemediate(this.ctx, order);
    const both = await this.ctx.parallel<string>('carry out', [
      { name: 'command', func: (ctx) => this.invokeRemediate(ctx, order) },
      { name: 'progress', func: (ctx) => this.followProgress(ctx, order) },
    ]);
    both.throwIfError();
    return both.getResults().join('');
  }

  /**
   * Draws the card as nodes answer: once a poll at most and only when the count has changed, so a channel sees far fewer
   * edits than the one a second that Slack takes.
   */
  private async followProgress(ctx: DurableContext, order: RemediationOrder): Promise<string> {
    const { store, notifier, pollSeconds, patienceSeconds } = this.parts;
    const looks = Math.ceil(patienceSeconds / pollSeconds);
    await ctx.waitForCondition<Followed>(
      'follow progress',
      async (seen) => {
        try {
          const head = await store.head(this.id);
          const steps = head === undefined ? [] : stepsOf(head, order);
          const shown = head?.progress?.finished ?? seen.shown;
          if (shown !== seen.shown) await showIncident(store, notifier, this.id);
          const hasEnded = steps.length > 0 && steps.every(({ finishedAt }) => finishedAt !== undefined);
          return { shown, hasBegun: steps.length > 0, hasEnded };
        } catch (error) {
          log('progress-not-shown', { incidentId: this.id, error: String(error) });
          return seen;
        }
      },
      {
        initialState: { shown: 0, hasBegun: false, hasEnded: false },
        waitStrategy: ({ hasBegun, hasEnded }, attempt) =>
          hasEnded || attempt >= (hasBegun ? looks : LOOKS_FOR_A_BEGINNING)
            ? { shouldContinue: false }
            : { shouldContinue: true, delay: { seconds: pollSeconds } },
      },
    );
    return '';
  }

  /** @returns why nothing was sent, or that the function was interrupted; empty when the record says everything */
  private async invokeRemediate(ctx: DurableContext, order: RemediationOrder): Promise<string> {
    const event: RemediateEvent = { incidentId: this.id, ...order, instanceIds: [...order.instanceIds] };
    try {
      const answer = await ctx.invoke<RemediateEvent, RemediateAnswer>(
        order.kind,
        this.parts.remediateFunction,
        event,
      );
      return answer.kind === 'refused' ? answer.why : '';
    } catch (error) {
      if (!(error instanceof InvokeError)) throw error;
      log('remediation-interrupted', { incidentId: this.id, kind: order.kind, error: error.message });
      return `The ${stepName(order.kind)} was interrupted, and nothing is known of it.`;
    }
  }

  /** @returns whether the command has ended on all the nodes; a look that fails counts as one that saw nothing */
  private async waitForCommand(
    commandId: string,
    instanceIds: readonly string[],
    place: NodePlace | undefined,
  ): Promise<boolean> {
    const { commands, pollSeconds, patienceSeconds } = this.parts;
    const looks = Math.ceil(patienceSeconds / pollSeconds);
    return await this.ctx.waitForCondition(
      'wait for nodes',
      async () => {
        try {
          const { finished, total } = await commands.progress(commandId, instanceIds, place);
          return finished === total;
        } catch (error) {
          log('look-failed', { incidentId: this.id, commandId, error: String(error) });
          return false;
        }
      },
      {
        initialState: false,
        waitStrategy: (isOver, attempt) =>
          isOver || attempt >= looks
            ? { shouldContinue: false }
            : { shouldContinue: true, delay: { seconds: pollSeconds } },
      },
    );
  }
}
