import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { type Patience, withPatience } from '../waiting/patience.ts';

/**
 * A client of DynamoDB with an end to every wait.
 * @param settings the SDK's own
 */
export function dynamoClient(settings: DynamoDBClientConfig = {}, patience?: Patience): DynamoDBClient {
  const client = new DynamoDBClient(withPatience(settings, patience));
  // Also for a log that nobody keeps it copies what was read, value by value: longer than reading it takes.
  client.middlewareStack.remove('loggerMiddleware');
  return client;
}
