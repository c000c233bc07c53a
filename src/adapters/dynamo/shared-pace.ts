import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ChannelBusyError } from '../../core/errors.ts';
import { RECORD_VERSION } from '../../core/record/stored.ts';
import { type Pace, type PacedCall, type PacedCard, TURNS } from '../waiting/pace.ts';
import { ABSENT, DynamoDocuments } from './documents.ts';
import { PaceItem, paceKey } from './items.ts';

/** How often a turn is tried for when others keep being first. */
const ATTEMPTS = 10;

/** An item that nobody has any use for goes some time after this. */
const KEEP_SECONDS = 3600;

/** How long turns and waits are, in milliseconds. */
export interface PaceTimes {
  /** Between two messages. */
  readonly messageMs: number;
  /** The longest wait for a turn. */
  readonly waitMs: number;
}

/** The turns of all functions, in one item for each kind of call: the moment from which nobody has taken one yet. */
export class SharedPace implements Pace {
  readonly #documents: DynamoDocuments;
  readonly #times: PaceTimes;

  constructor(client: DynamoDBClient, table: string, times: PaceTimes) {
    this.#documents = new DynamoDocuments(client, table);
    this.#times = times;
  }

  async turn(call: PacedCall, channel: string): Promise<void> {
    await this.#take(call, channel);
  }

  async cardTurn({
    channel,
    message,
  }: {
    readonly channel: string;
    readonly message: string;
  }): Promise<void> {
    await this.#take('card-in-an-hour', `${channel}-${message}`);
    await this.#take('card', `${channel}-${message}`);
  }

  async #take(call: PacedCall | PacedCard, channel: string): Promise<void> {
    const turnMs = TURNS[call].length * this.#times.messageMs;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const item = await this.#documents.get(paceKey(call, channel), PaceItem);
      const now = Date.now();
      const free = Math.max(item?.freeAt ?? 0, now);
      const waitMs = free - TURNS[call].ahead * turnMs - now;
      if (waitMs > this.#times.waitMs) throw busy(Math.ceil(waitMs / 1000));
      const condition = item === undefined ? ABSENT : seen(item);
      if (await this.#documents.put(itemOf(call, channel, free + turnMs), condition)) {
        if (waitMs > 0) await sleep(waitMs);
        return;
      }
      await sleep(Math.random() * 20 * attempt);
    }
    throw busy(1);
  }

  async hold(call: PacedCall, channel: string, seconds: number): Promise<void> {
    const { length, ahead } = TURNS[call];
    const freeAt = Date.now() + seconds * 1000 + ahead * length * this.#times.messageMs;
    await this.#documents.put(itemOf(call, channel, freeAt), {
      expression: 'attribute_not_exists(pk) OR freeAt < :then',
      values: { ':then': Math.ceil(freeAt) },
    });
  }
}

const busy = (seconds: number) =>
  new ChannelBusyError(
    `So much is being said in Slack that there was no time to wait for a turn; it is said later.`,
    seconds,
  );

const seen = ({ freeAt }: PaceItem) => ({ expression: 'freeAt = :seen', values: { ':seen': freeAt } });

const itemOf = (call: PacedCall | PacedCard, channel: string, freeAt: number): PaceItem => ({
  ...paceKey(call, channel),
  version: RECORD_VERSION,
  freeAt: Math.ceil(freeAt),
  deleteAt: Math.ceil(freeAt / 1000) + KEEP_SECONDS,
});
