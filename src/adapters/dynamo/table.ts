import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { UNFINISHED } from '../../core/record/unfinished.ts';

/**
 * The one table of the service: an incident is a partition (head and collections), a lock is a partition of its own;
 * an index holds the keys of the incidents of which something is still to be done.
 * Whoever creates a table creates it from this.
 */
export function tableDefinition(TableName: string): CreateTableCommandInput {
  return {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
      { AttributeName: UNFINISHED.index, AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: UNFINISHED.index,
        KeySchema: [
          { AttributeName: UNFINISHED.index, KeyType: 'HASH' },
          { AttributeName: 'pk', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  };
}
