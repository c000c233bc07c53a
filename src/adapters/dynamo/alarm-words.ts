import { RECORD_VERSION } from '../../core/record/stored.ts';
import type { DynamoDocuments } from './documents.ts';
import { FiringsItem, firingsKey, NewestItem, newestKey, OkItem, okKey } from './items.ts';

/** Far more than an alarm fires in one incident, and far less than an item holds; beyond it the count stays where it is. */
const FIRINGS_MAX = 5000;

/** What an alarm has said, ordered by its own time and not by when it arrived. */
export class DynamoAlarmWords {
  readonly #documents: DynamoDocuments;

  constructor(documents: DynamoDocuments) {
    this.#documents = documents;
  }

  /** Keeps the newest OK; an older one changes nothing. */
  async noteOk(alarmArn: string, okAt: string): Promise<void> {
    const item: OkItem = { ...okKey(alarmArn), version: RECORD_VERSION, okAt };
    await this.#documents.put(item, {
      expression: 'attribute_not_exists(pk) OR okAt < :okAt',
      values: { ':okAt': okAt },
    });
  }

  async lastOkOf(alarmArn: string): Promise<string | undefined> {
    return (await this.#documents.get(okKey(alarmArn), OkItem))?.okAt;
  }

  /** Keeps which incident is the newest, by the state change that opened it. */
  async noteOpened(alarmArn: string, incidentId: string, firedAt: string): Promise<void> {
    const item: NewestItem = { ...newestKey(alarmArn), version: RECORD_VERSION, incidentId, firedAt };
    await this.#documents.put(item, {
      expression: 'attribute_not_exists(pk) OR firedAt < :firedAt',
      values: { ':firedAt': firedAt },
    });
  }

  async newestOf(alarmArn: string): Promise<string | undefined> {
    return (await this.#documents.get(newestKey(alarmArn), NewestItem))?.incidentId;
  }

  /**
   * Counts a firing of an incident, once.
   * @param before how many the record says there were, which counts where none was counted here yet
   * @returns how many there are
   */
  async count(incidentId: string, firedAt: string, before: number): Promise<number> {
    const key = firingsKey(incidentId);
    const set = { set: 'times', word: firedAt, most: FIRINGS_MAX };
    await this.#documents.addToSet(key, set, { version: RECORD_VERSION, before });
    const item = await this.#documents.get(key, FiringsItem);
    return item === undefined ? before : item.before + item.times.size;
  }
}
