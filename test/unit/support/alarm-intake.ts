import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoIncidentStore } from '../../../src/adapters/dynamo/incident-store.ts';
import { awaitDecision } from '../../../src/core/incident/decide.ts';
import { type IntakePorts, receiveAlarm } from '../../../src/core/incident/receive-alarm.ts';
import type { Workflows } from '../../../src/core/ports.ts';
import type { Alarm } from '../../../src/core/record/alarm.ts';
import { type IncidentHead, WORKFLOW } from '../../../src/core/record/incident.ts';
import { transition } from '../../../src/core/record/transitions.ts';
import { TABLE } from '../adapters/support.ts';
import { buildAlarm } from './diagnoses.ts';

const FIRST = Date.parse('2026-11-23T14:02:05.000Z');
/** When the intake takes what it is told. */
const NOW = FIRST + 600_000;
/** Time of a state change, by its place in the order of the alarm. */
export const timeOf = (place: number): string => new Date(FIRST + place * 1000).toISOString();

/** The intake of one alarm of its own, with the real store; what it starts, looks at and wakes is taken down. */
export class AlarmIntake {
  readonly arn: string;
  readonly store: DynamoIncidentStore;
  readonly ports: IntakePorts;
  readonly started: string[] = [];
  readonly looks: number[] = [];
  readonly woken: string[] = [];

  constructor(table: DynamoDBClient, alarm: string) {
    this.arn = `arn:aws:cloudwatch:eu-central-1:111122223333:alarm:${alarm}`;
    this.store = new DynamoIncidentStore(table, TABLE, { nodeLockSeconds: 600 });
    const workflows: Pick<Workflows, 'startIncident' | 'startNumbered' | 'wake'> = {
      startNumbered: async (_head, _kind, number) => {
        this.looks.push(number);
      },
      startIncident: async ({ id }) => {
        this.started.push(id);
      },
      wake: async (id) => {
        this.woken.push(id);
        return true;
      },
    };
    this.ports = {
      store: this.store,
      workflows: workflows as Workflows,
      // No incident has a card here, so none is drawn.
      notifier: {} as IntakePorts['notifier'],
      clock: { now: () => NOW },
      log: () => {},
    };
  }

  /** A state change of the alarm. */
  says(state: Alarm['state'], place: number): Alarm {
    return buildAlarm({ arn: this.arn, state, changedAt: timeOf(place) });
  }

  /** Tells the intake of one. */
  tell(state: Alarm['state'], place: number): ReturnType<typeof receiveAlarm> {
    return receiveAlarm(this.ports, this.says(state, place));
  }

  /** The one incident that was started. @throws Error where it was none, or several */
  async only(): Promise<IncidentHead> {
    const many = new Set(this.started).size;
    if (many !== 1) throw new Error(`The intake has started ${many} incidents, not one.`);
    const head = await this.store.head(this.started[0] ?? '');
    if (head === undefined) throw new Error('nothing was opened');
    return head;
  }

  /** Brings an incident to where it waits for a click, as its workflow does. */
  async offer(id: string): Promise<void> {
    await this.store.update(id, (head) =>
      awaitDecision(
        transition(head, 'diagnosed', WORKFLOW, timeOf(0)),
        { id: 'c1', expiresAt: '2026-11-24T00:00:00.000Z' },
        timeOf(0),
      ),
    );
  }
}
