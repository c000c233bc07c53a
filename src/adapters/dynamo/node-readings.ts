import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { NodeReadings } from '../../core/ports.ts';
import type { NodeReading } from '../../core/record/node-reading.ts';
import { RECORD_VERSION } from '../../core/record/stored.ts';
import { RecordBusyError } from '../errors.ts';
import { ABSENT, DynamoDocuments } from './documents.ts';
import { ReadingItem, readingKey } from './items.ts';

/** How often a claim is tried when others keep being first. */
const CLAIM_ATTEMPTS = 8;
/** An item that nobody has any use for goes some time after this. */
const KEEP_SECONDS = 3600;

/** The newest reading of each node in the table of the records, claimed with conditional writes only. */
export class DynamoNodeReadings implements NodeReadings {
  readonly #documents: DynamoDocuments;

  constructor(client: DynamoDBClient, table: string) {
    this.#documents = new DynamoDocuments(client, table);
  }

  async claim(
    instanceId: string,
    mine: NodeReading,
    isOver: (theirs: NodeReading) => Promise<boolean>,
  ): Promise<NodeReading | undefined> {
    for (let attempt = 0; attempt < CLAIM_ATTEMPTS; attempt++) {
      if (await this.#documents.put(itemOf(instanceId, mine), ABSENT)) return undefined;
      const theirs = (await this.#documents.get(readingKey(instanceId), ReadingItem))?.reading;
      if (theirs === undefined) continue;
      // A write whose answer was lost and that the SDK sent again meets its own result.
      if (theirs.nonce === mine.nonce) return undefined;
      if (!(await isOver(theirs))) return theirs;
      if (await this.#documents.put(itemOf(instanceId, mine), askedAs(theirs))) return undefined;
    }
    throw new RecordBusyError(
      `The reading of ${instanceId} was claimed by others ${CLAIM_ATTEMPTS} times in a row; nothing was sent, try again.`,
    );
  }

  async note(instanceId: string, reading: NodeReading): Promise<void> {
    const item = itemOf(instanceId, reading);
    // A change that began since the claim has marked it, and what was sent shows what was before.
    const { values } = askedAs(reading);
    const isCurrent = { expression: `${MINE} AND isOutdated = :no`, values: { ...values, ':no': false } };
    if (await this.#documents.put(item, isCurrent)) return;
    await this.#documents.put(itemOf(instanceId, { ...reading, isOutdated: true }), askedAs(reading));
  }

  async release(instanceId: string, nonce: string): Promise<void> {
    await this.#documents.delete(readingKey(instanceId), askedAs({ nonce }));
  }

  async outdate(instanceId: string): Promise<void> {
    for (let attempt = 0; attempt < CLAIM_ATTEMPTS; attempt++) {
      const reading = (await this.#documents.get(readingKey(instanceId), ReadingItem))?.reading;
      if (reading === undefined || reading.isOutdated === true) return;
      const outdated = itemOf(instanceId, { ...reading, isOutdated: true });
      const { values } = askedAs(reading);
      const isSame = {
        expression: `${MINE} AND isSent = :sent`,
        values: { ...values, ':sent': outdated.isSent },
      };
      if (await this.#documents.put(outdated, isSame)) return;
    }
    throw new RecordBusyError(`The reading of ${instanceId} keeps changing; nothing was sent, try again.`);
  }
}

const MINE = 'nonce = :nonce';

const askedAs = ({ nonce }: Pick<NodeReading, 'nonce'>) => ({
  expression: MINE,
  values: { ':nonce': nonce },
});

const itemOf = (instanceId: string, reading: NodeReading): ReadingItem => ({
  ...readingKey(instanceId),
  version: RECORD_VERSION,
  nonce: reading.nonce,
  isOutdated: reading.isOutdated === true,
  isSent: reading.command !== undefined,
  reading,
  deleteAt: Math.ceil(Date.parse(reading.at) / 1000) + KEEP_SECONDS,
});
