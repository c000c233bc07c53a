import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { WebClient } from '@slack/web-api';
import { DynamoIncidentStore } from '../src/adapters/dynamo-incident-store.ts';
import { LambdaWorkflows } from '../src/adapters/lambda-functions.ts';
import { SlackNotifier } from '../src/adapters/slack-notifier.ts';
import type { Clock, IncidentStore, Notifier } from '../src/core/ports.ts';
import { readEnvironment } from './environment.ts';

/** How long a document's script may run before SSM stops it (nodes/documents.ts), with time for the answer to arrive. */
export const SCRIPT_SECONDS = 120;

export const systemClock: Clock = { now: () => Date.now() };

/** A new mark for the output of one command. */
export const newNonce = (): string => randomBytes(8).toString('hex');

/** Opens the incident records. A node's lock outlives any command that could be running under it. */
export function openStore(): IncidentStore {
  const { MEDIC_TABLE, MEDIC_COMMAND_TIMEOUT_SECONDS } = readEnvironment(
    'MEDIC_TABLE',
    'MEDIC_COMMAND_TIMEOUT_SECONDS',
  );
  const nodeLockSeconds = MEDIC_COMMAND_TIMEOUT_SECONDS + 2 * SCRIPT_SECONDS;
  return new DynamoIncidentStore(new DynamoDBClient({}), MEDIC_TABLE, { nodeLockSeconds });
}

/** Opens the way to the incident function's executions. */
export function openWorkflows(): LambdaWorkflows {
  const { MEDIC_INCIDENT_FUNCTION } = readEnvironment('MEDIC_INCIDENT_FUNCTION');
  return new LambdaWorkflows(new LambdaClient({}), MEDIC_INCIDENT_FUNCTION);
}

/** Opens the Slack channel. */
export function openNotifier(): Notifier {
  const { MEDIC_SLACK_BOT_TOKEN, MEDIC_SLACK_API_URL, MEDIC_SLACK_CHANNEL } = readEnvironment(
    'MEDIC_SLACK_BOT_TOKEN',
    'MEDIC_SLACK_API_URL',
    'MEDIC_SLACK_CHANNEL',
  );
  const client = new WebClient(MEDIC_SLACK_BOT_TOKEN, {
    allowAbsoluteUrls: false,
    // The workflow has its own retries; the default of ten would hold a function for minutes.
    retryConfig: { retries: 2 },
    timeout: 10_000,
    ...(MEDIC_SLACK_API_URL === undefined ? {} : { slackApiUrl: MEDIC_SLACK_API_URL }),
  });
  return new SlackNotifier(client, MEDIC_SLACK_CHANNEL, systemClock);
}
