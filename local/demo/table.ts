import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTableCommand, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { dynamoClient } from '../../src/adapters/dynamo/client.ts';
import { DynamoIncidentStore } from '../../src/adapters/dynamo/incident-store.ts';
import { DynamoNodeReadings } from '../../src/adapters/dynamo/node-readings.ts';
import { tableDefinition } from '../../src/adapters/dynamo/table.ts';
import type { IncidentStore, NodeReadings } from '../../src/core/ports.ts';
import type { AwsKey } from '../aws-key.ts';
import { REGION } from './alarm-event.ts';

const TABLE = 'conntrack-medic';

/** Creates the product's table in a local DynamoDB and opens the incident records in it. */
export async function openTable(
  endpoint: string,
  credentials: AwsKey,
): Promise<{ table: string; store: IncidentStore; readings: NodeReadings }> {
  // A client notes into its credentials where they came from.
  const client = dynamoClient({ endpoint, region: REGION, credentials: { ...credentials } });
  await client.send(new CreateTableCommand(tableDefinition(TABLE)));
  // The local engine tells of a new table some milliseconds before it takes items.
  while (
    (await client.send(new DescribeTableCommand({ TableName: TABLE }))).Table?.TableStatus !== 'ACTIVE'
  ) {
    await sleep(20);
  }
  const readings = new DynamoNodeReadings(client, TABLE);
  return { table: TABLE, readings, store: new DynamoIncidentStore(client, TABLE, { nodeLockSeconds: 3600 }) };
}
