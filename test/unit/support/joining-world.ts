import { catalogue } from '../../../runbooks/index.ts';
import { DynamoIncidentStore } from '../../../src/adapters/dynamo/incident-store.ts';
import { awaitDecision } from '../../../src/core/incident/decide.ts';
import { gather } from '../../../src/core/incident/joining/gather.ts';
import { bringWords, findPlace, type Place } from '../../../src/core/incident/joining/join.ts';
import { openIncident } from '../../../src/core/incident/open-incident.ts';
import { receiveAlarm } from '../../../src/core/incident/receive-alarm.ts';
import type { Notifier } from '../../../src/core/notifier.ts';
import type { IncidentStore, Workflows } from '../../../src/core/ports.ts';
import type { Alarm } from '../../../src/core/record/alarm.ts';
import type { IncidentHead, IncidentNode } from '../../../src/core/record/incident.ts';
import { transition } from '../../../src/core/record/transitions.ts';
import { type startTable, TABLE } from '../adapters/support.ts';
import { buildAlarm } from './diagnoses.ts';
import { buildIncident } from './incidents.ts';

/** When everything begins, in milliseconds since the Unix epoch. */
export const T0 = Date.parse('2026-11-23T14:00:00.000Z');
export const MINUTE = 60_000;
export const RULES = { windowSeconds: 900, ageSeconds: 43_200 };
export const iso = (ms: number): string => new Date(ms).toISOString();

let worlds = 0;

/** Nodes and alarms of one test alone, on the store engine that all tests share. */
export class JoiningWorld {
  readonly name = `w${++worlds}`;
  readonly store: DynamoIncidentStore;
  now = T0;
  readonly woken: string[] = [];
  readonly started: string[] = [];

  constructor({ client }: Pick<Awaited<ReturnType<typeof startTable>>, 'client'>) {
    this.store = new DynamoIncidentStore(client, TABLE, { nodeLockSeconds: 600 });
  }

  node(letter: string) {
    return { instanceId: `i-${this.name}-${letter}`, zone: 'eu-central-1a' };
  }

  alarm(name: string, at = this.now): Alarm {
    return buildAlarm({ arn: `${buildAlarm().arn}-${this.name}-${name}`, name, changedAt: iso(at) });
  }

  /** An incident whose nodes are found, as its workflow leaves it before it looks for another one. */
  async opened(name: string, letters: string, at = this.now): Promise<string> {
    const alarm = this.alarm(name, at);
    const { head } = await this.store.open(openIncident(alarm, iso(this.now)));
    await this.set(head.id, { nodes: Array.from(letters, (letter) => this.node(letter)) });
    return head.id;
  }

  async set(id: string, changes: Partial<IncidentHead>): Promise<void> {
    await this.store.update(id, (head) => ({ ...head, ...changes }));
  }

  ports(store: IncidentStore = this.store) {
    return { store, clock: { now: () => this.now }, catalogue };
  }

  /** As the workflow does it: again and again while another one is not that far. */
  async place(id: string, store: IncidentStore = this.store): Promise<Place> {
    for (let look = 1; ; look++) {
      const place = await findPlace(this.ports(store), id, RULES, { isPatient: look <= 50 });
      if (place.kind === 'joined') await bringWords(this.ports(store), id);
      if (place.kind !== 'unsettled') return place;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async leading(name: string, letters: string): Promise<string> {
    const id = await this.opened(name, letters);
    const { kind } = await this.place(id);
    if (kind !== 'leads') throw new Error(`${id} does not lead: ${kind}.`);
    return id;
  }

  /** Has a plan for its nodes on the card and waits for a click. */
  async waiting(id: string): Promise<void> {
    const { plan } = buildIncident('awaiting-approval').head;
    await this.store.update(id, (head) =>
      awaitDecision(
        {
          ...transition(head, 'diagnosed', { kind: 'workflow' }, iso(this.now)),
          ...(plan === undefined ? {} : { plan }),
          evidenceAt: iso(this.now),
        },
        { id: `callback-${id}`, expiresAt: iso(this.now + 8 * 60 * MINUTE) },
        iso(this.now),
      ),
    );
  }

  /** Has read the nodes that came, and waits for the next click. */
  async waitsAgain(id: string): Promise<void> {
    const expiresAt = iso(this.now + 8 * 60 * MINUTE);
    await this.store.update(id, ({ unread: _read, ...head }) =>
      awaitDecision(
        { ...head, callback: { id: 'answered', expiresAt, number: 0 } },
        { id: `next-callback-${id}`, expiresAt },
        iso(this.now),
      ),
    );
  }

  /** Has its nodes judged with this verdict, on nodes of one cluster with these traits and this kernel. */
  async judged(
    id: string,
    verdict: string,
    { kernel, ...traits }: Partial<IncidentNode> & { readonly kernel?: string } = {},
  ): Promise<void> {
    const [like] = buildIncident('awaiting-approval').collections;
    if (like?.outcome.kind !== 'diagnosed') throw new Error('There is nothing to judge by.');
    await this.store.update(id, (head) => ({
      ...transition(head, 'diagnosed', { kind: 'workflow' }, iso(this.now)),
      nodes: head.nodes.map((node) => ({ ...node, cluster: this.name, ...traits })),
      collection: 1,
    }));
    const { diagnosis, figures, ...rest } = like.outcome;
    const release = kernel === undefined ? {} : { kernel };
    const outcome = { ...rest, diagnosis: { ...diagnosis, verdict }, figures: { ...figures, ...release } };
    for (const { instanceId } of (await this.head(id)).nodes)
      await this.store.putCollection(id, { ...like, instanceId, collection: 1, outcome });
  }

  /** As the workflow does it, again and again while another one is about to gather. */
  async gathered(id: string, store: IncidentStore = this.store): Promise<Place> {
    for (let look = 1; ; look++) {
      const place = await gather(this.ports(store), id, RULES, { isPatient: look <= 20 });
      if (place.kind === 'joined') await bringWords(this.ports(store), id);
      if (place.kind !== 'unsettled') return place;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async head(id: string): Promise<IncidentHead> {
    const head = await this.store.head(id);
    if (head === undefined) throw new Error(`There is no ${id}.`);
    return head;
  }

  async alarmsOf(id: string): Promise<string[]> {
    return (await this.store.joins.alarmsOf(id)).map(({ name }) => name).toSorted();
  }

  async says(name: string, state: 'ALARM' | 'OK', at: number): Promise<string> {
    return await receiveAlarm(this.intake(), { ...this.alarm(name, at), state });
  }

  /** What taking an alarm in and the reconciler need. */
  intake() {
    const workflows: Partial<Workflows> = {
      startIncident: async ({ id }) => {
        this.started.push(id);
      },
      wake: async (callback) => {
        this.woken.push(callback);
        return true;
      },
      startNumbered: async ({ id }, kind, number) => {
        this.started.push(`${id}-${kind}-${number}`);
      },
    };
    return {
      ...this.ports(),
      workflows: workflows as Workflows,
      notifier: {} as Notifier,
      log: () => {},
      runbookTexts: {},
      running: new Set<string>(),
    };
  }
}

/** Writes of the store, so that a test can stop a function before each of them. */
const WRITES = new Set(['update', 'close', 'claimNode', 'claimTrouble', 'list', 'unlist', 'note']);

/** A store whose function dies, or at which something else happens, right before its write of this number. */
export function interrupted(real: IncidentStore, at: number, what: () => Promise<void>): IncidentStore {
  let writes = 0;
  const watched = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(on, name) {
        const value: unknown = Reflect.get(on, name);
        if (name === 'joins') return watched(value as object);
        if (typeof value !== 'function') return value;
        return async (...given: unknown[]) => {
          if (WRITES.has(String(name)) && ++writes === at) await what();
          return await value.apply(on, given);
        };
      },
    });
  return watched(real);
}

/** Ends an incident. */
export const end =
  (to: 'dismissed' | 'failed' | 'resolved') =>
  (head: IncidentHead): IncidentHead =>
    transition(head, to, { kind: 'workflow' }, iso(T0 + MINUTE), 'for the test');
