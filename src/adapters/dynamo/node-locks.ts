import { RECORD_VERSION } from '../../core/record/stored.ts';
import type { DynamoDocuments } from './documents.ts';
import { type NodeLockItem, nodeLockKey } from './items.ts';

/** The exclusive right to change a node, which runs out by itself. */
export class DynamoNodeLocks {
  readonly #documents: DynamoDocuments;
  readonly #holdMs: number;

  /** @param holdMs after so many milliseconds a lock counts as left behind */
  constructor(documents: DynamoDocuments, holdMs: number) {
    this.#documents = documents;
    this.#holdMs = holdMs;
  }

  async lock(instanceId: string, holder: string): Promise<boolean> {
    const now = Date.now();
    const item: NodeLockItem = {
      ...nodeLockKey(instanceId),
      version: RECORD_VERSION,
      holder,
      expiresAt: now + this.#holdMs,
    };
    return await this.#documents.put(item, {
      expression: 'attribute_not_exists(pk) OR holder = :holder OR expiresAt < :now',
      values: { ':holder': holder, ':now': now },
    });
  }

  async unlock(instanceId: string, holder: string): Promise<void> {
    await this.#documents.delete(nodeLockKey(instanceId), {
      expression: 'holder = :holder',
      values: { ':holder': holder },
    });
  }
}
