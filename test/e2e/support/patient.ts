import { setTimeout as sleep } from 'node:timers/promises';
import { alarmArn, alarmEvent } from '../../../local/demo/alarm-event.ts';
import type { LocalService } from '../../../local/demo/service.ts';
import { Interactive } from '../../../local/slack/block-schema.ts';
import type { Click } from '../../../local/slack/interactions.ts';
import { APPROVER, type Person } from '../../../local/slack/people.ts';
import type { LocalNode } from '../../../local/ssm/local-node.ts';
import { incidentId } from '../../../src/core/incident/open-incident.ts';
import type { IncidentHead, IncidentState } from '../../../src/core/record/incident.ts';
import type { ModelNode } from './model-node.ts';
import { type News, until } from './until.ts';

/** One alarm with its nodes, its incident and its card, as the people in the channel see them. */
export class Patient<N extends LocalNode = ModelNode> {
  readonly nodes: readonly N[];
  readonly arn: string;
  readonly service: LocalService;
  private readonly alarm: string;
  private id = '';
  /** The message that is the card, once the record names it; an incident keeps its card. */
  private cardMessage: string | undefined;

  constructor(service: LocalService, alarm: string, nodes: readonly N[]) {
    this.service = service;
    this.alarm = alarm;
    this.nodes = nodes;
    this.arn = alarmArn(alarm);
  }

  /** A state change of this alarm as EventBridge delivers it. */
  event(state: 'ALARM' | 'OK', at: number): object {
    return alarmEvent({ name: this.alarm, reason: 'Threshold Crossed.', state, at });
  }

  /** Fires the alarm; what is looked at from now on is the incident of this firing. */
  async fire(at: number = Date.now()): Promise<void> {
    this.id = incidentId({ arn: this.arn, changedAt: new Date(at).toISOString() });
    this.cardMessage = undefined;
    await this.service.send(this.event('ALARM', at));
  }

  /** Looks at this incident from now on, and at the card that it has now. */
  lookAt(id: string): void {
    this.id = id;
    this.cardMessage = undefined;
  }

  /** Waits for another incident of this alarm; it is what is looked at from now on. */
  async openedAfter(id: string): Promise<IncidentHead> {
    let newest: IncidentHead | undefined;
    await until(
      async () => {
        newest = await this.service.store.newestIncidentOf(this.arn);
        return newest !== undefined && newest.id !== id;
      },
      () => `${this.alarm} has no incident after ${id}.`,
    );
    if (newest === undefined) throw new Error(`${this.alarm} has no incident.`);
    this.lookAt(newest.id);
    return newest;
  }

  async recover(at: number = Date.now()): Promise<void> {
    await this.service.send(this.event('OK', at));
  }

  /** Fires the alarm and waits for the buttons. */
  async fallIll(): Promise<IncidentHead> {
    await this.fire();
    return await this.waits();
  }

  /** Waits until a click would wake the workflow: its state is stored before that which does so. */
  async waits(): Promise<IncidentHead> {
    await this.reach('awaiting-approval');
    await until(
      async () => (await this.head()).callback !== undefined,
      () => 'Nothing waits for a click.',
      this.headNews,
    );
    return await this.head();
  }

  /** Waits until the record is in the state. */
  async reach(state: IncidentState): Promise<IncidentHead> {
    let head: IncidentHead | undefined;
    await until(
      async () => {
        head = await this.service.store.head(this.id);
        return head?.state === state;
      },
      () => `The incident is ${head?.state}, not ${state}: ${JSON.stringify(head?.transitions.at(-1))}`,
      this.headNews,
    );
    return await this.head();
  }

  /** Tells of whatever is stored of the incident. */
  readonly recordNews: News = (tell) =>
    this.service.subscribe((id) => {
      if (id === this.id) tell();
    });

  /** Tells of what changes the state of the incident, and not of the many readings of its nodes. */
  readonly headNews: News = (tell) =>
    this.service.subscribe((id, part) => {
      if (id === this.id && part === 'head') tell();
    });

  /** Tells of whatever is posted or edited in the channel. */
  readonly channelNews: News = (tell) => this.service.slack.workspace.subscribe(tell);

  async head(): Promise<IncidentHead> {
    const head = await this.service.store.head(this.id);
    if (head === undefined) throw new Error(`There is no incident of ${this.alarm}.`);
    return head;
  }

  /** Everything that the card says, as text. */
  async card(): Promise<string> {
    return inUtc(JSON.stringify((await this.message())?.blocks ?? 'There is no card.'));
  }

  /** Everything behind "More", as text: opened as a person opens it. */
  async more(as: Person = APPROVER): Promise<string> {
    let view: unknown = 'Nothing was opened.';
    const end = this.service.slack.workspace.subscribe((change) => {
      if (change.kind === 'view' && change.userId === as.id) view = change.view;
    });
    await this.press('show-more', as);
    end();
    return inUtc(JSON.stringify(view));
  }

  async cardSays(text: string): Promise<void> {
    let card = '';
    await until(
      async () => {
        card = await this.card();
        return card.includes(text);
      },
      () => `The card does not say "${text}": ${card}`,
      this.channelNews,
    );
  }

  /** Presses a button as soon as the card has it. */
  async press(kind: string, as: Person = APPROVER): Promise<void> {
    let place: Click | undefined;
    await until(
      async () => {
        place = (await this.places()).find(({ actionId }) => actionId === `medic.${kind}`);
        return place !== undefined;
      },
      () => `The card has no button ${kind}.`,
      this.channelNews,
    );
    if (place === undefined) throw new Error(`The card has no button ${kind}.`);
    await this.click(place, as);
  }

  /** Chooses a node in a menu as soon as the card has it there. */
  async choose(kind: string, instanceId: string, as: Person = APPROVER): Promise<void> {
    const find = async () =>
      (await this.elements()).flatMap(({ element, blockId, ts }) => {
        if (element.type !== 'static_select' || element.action_id !== `medic.${kind}`) return [];
        const option = element.options.findIndex(({ text }) => text.text === instanceId);
        return option === -1 ? [] : [{ ts, blockId, actionId: element.action_id, option }];
      })[0];
    await until(
      async () => (await find()) !== undefined,
      () => `The card has no menu ${kind} with ${instanceId}.`,
      this.channelNews,
    );
    const place = await find();
    if (place === undefined) throw new Error(`The menu ${kind} is gone.`);
    await this.click(place, as);
  }

  private async click(place: Click, as: Person): Promise<void> {
    const answer = await this.service.slack.click(as, place);
    if (answer.status !== 200) throw new Error(`The app answered with ${answer.status}.`);
  }

  /** The card's buttons by kind. */
  async buttons(): Promise<string[]> {
    return (await this.places()).map(({ actionId }) => actionId.replace('medic.', ''));
  }

  /** What only this person gets to read because of a click. */
  async answerTo(click: () => Promise<void>, as: Person = APPROVER): Promise<string> {
    const seen = (await this.ephemerals(as)).length;
    await click();
    let texts: string[] = [];
    await until(
      async () => {
        texts = await this.ephemerals(as);
        return texts.length > seen;
      },
      () => 'The click was not answered.',
      this.channelNews,
    );
    return texts.at(-1) ?? '';
  }

  /** Texts of the card's thread. */
  async thread(): Promise<string> {
    const replies = this.service.slack.workspace.threadAs(APPROVER.id, await this.cardTs());
    // Of a picture what it says in words is enough.
    const told = replies.map((reply) => ({
      ...reply,
      files: reply.files?.map(({ id, name, title, alternative }) => ({ id, name, title, alternative })),
    }));
    return inUtc(JSON.stringify(told));
  }

  /** Gives things that must not happen some time to happen. */
  async quiet(): Promise<void> {
    await sleep(1000);
  }

  /** The answers to clicks on this card: other cards stand in the same channel. */
  private async ephemerals({ id }: Person): Promise<string[]> {
    const { workspace } = this.service.slack;
    const card = await this.cardTs();
    const all = [...workspace.channelAs(id), ...workspace.threadAs(id, card)];
    return all
      .filter(({ onlyFor, answers }) => onlyFor === id && answers === card)
      .map(({ text }) => inUtc(text));
  }

  private async message() {
    return this.service.slack.workspace.message(await this.cardTs());
  }

  private async cardTs(): Promise<string> {
    this.cardMessage ??= (await this.head()).card?.message;
    return this.cardMessage ?? '';
  }

  private async places(): Promise<Click[]> {
    return (await this.elements()).flatMap(({ element, blockId, ts }) =>
      element.type === 'button' ? [{ ts, blockId, actionId: element.action_id }] : [],
    );
  }

  private async elements(): Promise<{ element: Interactive; blockId: string; ts: string }[]> {
    const message = await this.message();
    if (message === undefined) return [];
    return message.blocks.flatMap((block) => {
      const elements = Array.isArray(block['elements']) ? block['elements'] : [block['accessory']];
      return elements.flatMap((candidate) => {
        const element = Interactive.safeParse(candidate).data;
        return element === undefined ? [] : [{ element, blockId: block.block_id ?? '', ts: message.ts }];
      });
    });
  }
}

/** What Slack shows in the reader's own time zone, as it is for whoever it cannot do that for. */
const inUtc = (text: string): string => text.replaceAll(/<!date\^[^|>]*\|([^>]*)>/g, '$1');
