import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

/**
 * The one table of the service: an incident is a partition (head and collections), a lock is a partition of its own.
 * Whoever creates a table creates it from this.
 */
export function tableDefinition(TableName: string): CreateTableCommandInput {
  return {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
  };
}
