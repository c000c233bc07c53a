import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { clickReference } from '../../core/click-reference.ts';
import type { SignedClicks } from '../../core/ports.ts';
import type { SignedClick } from '../../core/record/signed-click.ts';
import { RECORD_VERSION } from '../../core/record/stored.ts';
import { ABSENT, DynamoDocuments } from './documents.ts';
import { ClickItem, clickKey } from './items.ts';

/**
 * Signed clicks in the table of the records, each in a partition of its own kind: who may read and write records may not
 * read these (cdk/incident-records.ts).
 */
export class DynamoSignedClicks implements SignedClicks {
  readonly #documents: DynamoDocuments;

  constructor(client: DynamoDBClient, table: string) {
    this.#documents = new DynamoDocuments(client, table);
  }

  async keep(incidentId: string, click: SignedClick, untilSeconds: number): Promise<string> {
    const reference = clickReference(click);
    const item: ClickItem = {
      ...clickKey(incidentId, reference),
      version: RECORD_VERSION,
      click,
      deleteAt: untilSeconds,
    };
    // The key covers all of it, so what is there already is the same click.
    await this.#documents.put(item, ABSENT);
    return reference;
  }

  async find(incidentId: string, reference: string): Promise<SignedClick | undefined> {
    return (await this.#documents.get(clickKey(incidentId, reference), ClickItem))?.click;
  }
}
