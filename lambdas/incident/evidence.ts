import type { DurableContext } from '@aws/durable-execution-sdk-js';
import { withNodesOfBefore } from '../../src/core/incident/collect-again.ts';
import { readCollection, sendCollection, sendToWaiting } from '../../src/core/incident/collect-evidence.ts';
import { okSince, withoutOk } from '../../src/core/incident/joining/alarms-ok.ts';
import { gather, isAloneInCluster } from '../../src/core/incident/joining/gather.ts';
import { bringWords, type Place } from '../../src/core/incident/joining/join.ts';
import { withoutUnread, withRoom } from '../../src/core/incident/joining/rules.ts';
import { findPlaceAndWarnings, type WarnedPlace } from '../../src/core/incident/joining/warned.ts';
import { wakeToRead } from '../../src/core/incident/joining/words.ts';
import { firstLookSeconds, secondsToNextLook } from '../../src/core/incident/looks.ts';
import { judgeLook, keepFlapping, type LookNews } from '../../src/core/incident/quiet.ts';
import type { SentCommand } from '../../src/core/incident/share-readings.ts';
import { showIncident } from '../../src/core/incident/shown/show-incident.ts';
import type { Saying } from '../../src/core/notifier.ts';
import { type Outlook, outlookOf, recordPlan } from '../../src/core/plan/plan-incident.ts';
import type { IncidentHead } from '../../src/core/record/incident.ts';
import type { NodePlace } from '../../src/core/record/place.ts';
import { threadRunbooks } from '../../src/core/runbook/incident-runbooks.ts';
import { postRunbooks } from '../../src/core/runbook/post-runbooks.ts';
import { log } from '../log.ts';
import { newNonce } from '../wiring.ts';
import type { IncidentParts } from './parts.ts';
import type { IncidentRecord } from './record.ts';

type RestOf<F> = F extends (first: never, ...rest: infer R) => unknown ? R : never;

/** How often, with a second between, an incident that has one of the nodes is waited for until it knows its own place. */
const PLACE_LOOKS = 20;
/** The same for one that is about to gather the same trouble, which takes one write. */
const TROUBLE_LOOKS = 3;

/** Which nodes it is, what they show and what follows from it, each as durable steps. */
export class IncidentEvidence {
  private readonly ctx: DurableContext;
  private readonly parts: IncidentParts;
  private readonly record: IncidentRecord;

  constructor(ctx: DurableContext, parts: IncidentParts, record: IncidentRecord) {
    this.ctx = ctx;
    this.parts = parts;
    this.record = record;
  }

  /** Finds the nodes behind the alarm and notes the ones that cannot be asked. */
  async resolveNodes(): Promise<{ instanceIds: string[]; gaps: string[] }> {
    return await this.record.step('resolve nodes', async () => {
      const { alarm } = await this.record.head();
      const found = await this.parts.fleet.resolve(alarm);
      const all = await withNodesOfBefore(found.nodes, alarm, this.parts.store);
      const [nodes, gaps] = [[...all.nodes], [...found.gaps, ...all.gaps]];
      const { latency } = found;
      const shape = latency === undefined ? {} : { latency };
      await this.record.update((head) => ({ ...head, nodes, nodeGaps: gaps, ...shape }));
      return { instanceIds: nodes.map(({ instanceId }) => instanceId), gaps };
    });
  }

  /** Says whether the incident goes its own way, or an open one has one of its nodes and its alarm from now on. */
  async findPlace(): Promise<'leads' | 'joined'> {
    return await this.settle('find its place', findPlaceAndWarnings, PLACE_LOOKS);
  }

  /** Whether no other incident of its cluster was opened a short while ago, so that its card need not wait. */
  async isAlone(): Promise<boolean> {
    return await this.record.step('look for others in the cluster', () =>
      isAloneInCluster(this.parts, this.record.id, this.parts.joinRules),
    );
  }

  /** The same once its nodes were judged: whether an open incident gathers the same trouble. */
  async gather(): Promise<'leads' | 'joined'> {
    return await this.settle('look for the same trouble', gather, TROUBLE_LOOKS);
  }

  /** Has the one that it has joined read the nodes that came, and shows on its card that the buttons of before are gone. */
  private async wakeLeader(): Promise<void> {
    await this.record.step('show where it joined', async () => {
      const leader = await wakeToRead(this.parts, this.record.id);
      if (leader?.card !== undefined) await this.showOther(leader.id);
    });
  }

  /** Draws the card of another incident that this one has changed; what Slack does not take is owed. */
  private async showOther(id: string): Promise<void> {
    try {
      await showIncident(this.parts.store, this.parts.notifier, id);
    } catch (error) {
      log('slack-failed', { incidentId: id, step: 'show where it joined', error: String(error) });
    }
  }

  private async settle(
    name: string,
    find: (ports: IncidentParts, ...rest: RestOf<typeof gather>) => Promise<Place & WarnedPlace>,
    looks: number,
  ): Promise<Exclude<Place['kind'], 'unsettled'>> {
    for (let look = 1; ; look++) {
      const kind = await this.record.step(name, async () => {
        const isPatient = look <= looks;
        const place = await find(this.parts, this.record.id, this.parts.joinRules, { isPatient });
        if (place.kind === 'joined') await bringWords(this.parts, this.record.id);
        for (const taken of place.tookOver ?? []) await this.showOther(taken);
        if (place.kind !== 'leads')
          log('place-found', {
            incidentId: this.record.id,
            kind: place.kind,
            to: 'to' in place ? place.to : '',
          });
        return place.kind;
      });
      if (kind === 'joined') await this.wakeLeader();
      if (kind !== 'unsettled') return kind;
      await this.ctx.wait('another incident finds its place', { seconds: 1 });
    }
  }

  /** An alarm that joined and fires keeps the incident open, whatever was decided when all of them were OK. */
  async judgeAlarms(): Promise<void> {
    await this.record.step('look whether all alarms are OK', async () => {
      const head = await this.record.head();
      if (head.joined !== undefined && (await okSince(this.parts.store, head)) === undefined)
        await this.record.update(withoutOk);
    });
  }

  /**
   * Finds the nodes that the alarm means by now, and takes those that are new into the record; those of before stay there.
   * @returns the ids of all that it means
   */
  async resolveNodesAgain(): Promise<string[]> {
    return await this.record.step('resolve nodes again', async () => {
      const { nodes } = await this.parts.fleet.resolve((await this.record.head()).alarm);
      const { joined, nodes: all } = await this.record.update((head) => {
        const known = new Set(head.nodes.map(({ instanceId }) => instanceId));
        const news = nodes.filter(({ instanceId }) => !known.has(instanceId));
        const { added } = withRoom(head, news);
        return added.length === 0 ? head : { ...head, nodes: [...head.nodes, ...added] };
      });
      // The nodes of alarms that have joined are looked at along with them.
      return (joined === undefined ? nodes : all).map(({ instanceId }) => instanceId);
    });
  }

  /** Says whether the newest readings of these nodes are worse than what was dismissed. */
  async judgeLook(instanceIds: readonly string[]): Promise<LookNews> {
    return await this.record.step('judge the look', async () =>
      judgeLook(await this.record.load(), instanceIds, this.parts.catalogue),
    );
  }

  /** What keeps the alarms of an incident on it that ends without a fix while they flap. */
  async whatKeepsFlaps(): Promise<Pick<IncidentHead, 'quiet'>> {
    return await this.record.step('look for what was found', async () => {
      const { catalogue, clock, joinRules } = this.parts;
      return keepFlapping(await this.record.load(), catalogue, clock.now(), joinRules);
    });
  }

  /**
   * Collects from the nodes: sent, waited for, read and stored. What another incident asks a node at the moment, or asked
   * less than a minute before, is taken from there.
   *
   * @param how.isFresh whether only what is asked from now on counts, as after a change
   * @param how.hasOwn whether what it has asked itself less than a minute before is taken, too, as where only some nodes are new
   */
  async collect(
    instanceIds: readonly string[],
    { isFresh = false, hasOwn = false }: { readonly isFresh?: boolean; readonly hasOwn?: boolean } = {},
  ): Promise<void> {
    let sent = await this.record.step('send collection', () =>
      sendCollection(this.parts, this.record.id, { instanceIds, isFresh, hasOwn }, newNonce()),
    );
    for (let look = 1; sent.waiting.length > 0; look++) {
      const seconds = secondsToNextLook(look, this.parts);
      if (seconds === undefined) break;
      await this.ctx.wait('nodes are being asked', { seconds });
      const before = sent;
      sent = await this.record.step('send collection', async () =>
        sendToWaiting(this.parts, await this.record.head(), before, newNonce()),
      );
    }
    if (sent.commands.length > 0) {
      await this.ctx.wait('sampling', { seconds: firstLookSeconds(this.parts.sampleSeconds) });
      await this.waitForCommands(sent.commands);
    }
    await this.record.step('read collection', () => readCollection(this.parts, this.record.id, sent));
  }

  /** Says what the newest collection of the nodes leads to and puts its plan on record. */
  async diagnose(instanceIds: readonly string[]): Promise<Outlook> {
    return await this.record.step('diagnose', async () => {
      const incident = await this.record.load();
      const outlook = outlookOf(incident, instanceIds);
      if (outlook.kind === 'no-evidence') {
        await this.record.update((now) => withoutUnread(now, instanceIds));
      } else {
        const head = await this.record.update((now) =>
          withoutUnread(recordPlan(now, incident.collections, instanceIds, this.record.now()), instanceIds),
        );
        const { plan } = head;
        if (plan !== undefined)
          await this.record.attemptHere('plan', () => this.parts.store.putPlan(this.record.id, plan));
      }
      return outlook;
    });
  }

  /**
   * Posts the runbook of each verdict into the thread, the leading one first.
   * @param once by which key, where it is what the end calls for
   */
  async postRunbook(once?: string): Promise<void> {
    const say = async (saying: Saying) => {
      const incident = await this.record.load();
      const { catalogue, notifier, runbookTexts } = this.parts;
      await postRunbooks(notifier, incident, threadRunbooks(incident, catalogue, runbookTexts), saying);
    };
    await this.record.tell('runbook', 'post runbook', say, once === undefined ? {} : { once });
  }

  /** @returns whether the commands have ended on all their nodes; a look that fails counts as one that saw nothing */
  async waitForCommands(
    sent: readonly (Pick<SentCommand, 'commandId' | 'instanceIds'> & {
      readonly place?: NodePlace | undefined;
    })[],
  ): Promise<boolean> {
    return await this.ctx.waitForCondition(
      'wait for nodes',
      async () => {
        for (const { commandId, instanceIds, place } of sent) {
          try {
            const { finished, total } = await this.parts.commands.progress(commandId, instanceIds, place);
            if (finished < total) return false;
          } catch (error) {
            log('look-failed', { incidentId: this.record.id, commandId, error: String(error) });
            return false;
          }
        }
        return true;
      },
      {
        initialState: false,
        waitStrategy: (isOver, attempt) => {
          const seconds = isOver ? undefined : secondsToNextLook(attempt, this.parts);
          return seconds === undefined
            ? { shouldContinue: false }
            : { shouldContinue: true, delay: { seconds } };
        },
      },
    );
  }
}
