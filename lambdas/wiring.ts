import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { WebClient } from '@slack/web-api';
import { dynamoClient } from '../src/adapters/dynamo/client.ts';
import { DynamoIncidentStore } from '../src/adapters/dynamo/incident-store.ts';
import { DynamoNodeReadings } from '../src/adapters/dynamo/node-readings.ts';
import { SharedPace } from '../src/adapters/dynamo/shared-pace.ts';
import { DynamoSignedClicks } from '../src/adapters/dynamo/signed-clicks.ts';
import { LambdaWorkflows, sendEvent } from '../src/adapters/lambda-functions.ts';
import {
  ManagedSecret,
  type SecretShape,
  SIGNING_SECRET,
  SLACK_SECRET,
} from '../src/adapters/managed-secret.ts';
import { RotatingNotifier } from '../src/adapters/rotating-notifier.ts';
import { ManagedSigningKeys } from '../src/adapters/signing-keys.ts';
import { postAnswer } from '../src/adapters/slack/answer.ts';
import { fetchSlackFile } from '../src/adapters/slack/files.ts';
import type { DrawTrace } from '../src/adapters/slack/trace-pictures.ts';
import { SlackNotifier } from '../src/adapters/slack-notifier.ts';
import { type Outlasting, outlasting } from '../src/adapters/waiting/outlasting.ts';
import {
  CLICK,
  PATIENT,
  type Patience,
  PROMPT,
  slackPatience,
  withPatience,
} from '../src/adapters/waiting/patience.ts';
import type { Catalogue } from '../src/core/diagnosis/signature.ts';
import type { IntakePorts } from '../src/core/incident/receive-alarm.ts';
import type { Notifier } from '../src/core/notifier.ts';
import type { Clock, IncidentStore, NodeReadings, SignedClicks } from '../src/core/ports.ts';
import { answerDiagnose } from '../src/slack/diagnose/answer.ts';
import type { DiagnoseRequest } from '../src/slack/diagnose/request.ts';
import type { PageRequest } from '../src/slack/page-request.ts';
import {
  fixedSecret,
  type SecretSource,
  type SigningSecret,
  type SlackSecrets,
} from '../src/slack/secret-source.ts';
import type { SigningKeys } from '../src/slack/signed-decision.ts';
import { readEnvironment, readSigningSecret, readSlackSecret, type SecretPlace } from './environment.ts';
import { log } from './log.ts';

/** How long a document's script may run before SSM stops it (nodes/documents.ts), with time for the answer to arrive. */
export const SCRIPT_SECONDS = 120;

/** A click waits for this, and Slack waits three seconds for the click. */
const IMPATIENT: Patience = { connectionMs: 500, answerMs: 1000, maxAttempts: 2, totalMs: 3500 };

/** Waits some seconds. */
export const pause = async (seconds: number): Promise<void> => {
  await setTimeout(seconds * 1000);
};

export const systemClock: Clock = { now: () => Date.now() };

/** A new mark for the output of one command. */
export const newNonce = (): string => randomBytes(8).toString('hex');

/** Opens the incident records. A node's lock outlives any command that could be running under it. */
export function openStore(outage?: Outlasting, patience?: Patience): IncidentStore {
  const { MEDIC_TABLE, MEDIC_COMMAND_TIMEOUT_SECONDS } = readEnvironment(
    'MEDIC_TABLE',
    'MEDIC_COMMAND_TIMEOUT_SECONDS',
  );
  const nodeLockSeconds = MEDIC_COMMAND_TIMEOUT_SECONDS + 2 * SCRIPT_SECONDS;
  return new DynamoIncidentStore(openTable(outage, patience), MEDIC_TABLE, { nodeLockSeconds });
}

/** Opens the clicks that Slack signed. */
export function openSignedClicks(outage?: Outlasting, patience?: Patience): SignedClicks {
  const { MEDIC_TABLE } = readEnvironment('MEDIC_TABLE');
  return new DynamoSignedClicks(openTable(outage, patience), MEDIC_TABLE);
}

/** Opens what others are asking nodes at the moment. */
export function openNodeReadings(outage?: Outlasting): NodeReadings {
  const { MEDIC_TABLE } = readEnvironment('MEDIC_TABLE');
  return new DynamoNodeReadings(openTable(outage), MEDIC_TABLE);
}

function openTable(outage: Outlasting | undefined, patience: Patience = PROMPT): DynamoDBClient {
  const client = dynamoClient({}, patience);
  return outage === undefined ? client : outlasting(client, outage);
}

/** Opens the way to the incident function's executions. */
function openWorkflows(patience: Patience): LambdaWorkflows {
  const { MEDIC_INCIDENT_FUNCTION } = readEnvironment('MEDIC_INCIDENT_FUNCTION');
  return new LambdaWorkflows(new LambdaClient(withPatience({}, patience)), MEDIC_INCIDENT_FUNCTION);
}

/** Opens the way to the intake, which does what a click has no time for: reading a message, making a page. */
export function openIntake(): (request: DiagnoseRequest | PageRequest) => Promise<void> {
  const { MEDIC_INTAKE_FUNCTION } = readEnvironment('MEDIC_INTAKE_FUNCTION');
  const client = new LambdaClient(withPatience({}, CLICK));
  return (request) => sendEvent(client, MEDIC_INTAKE_FUNCTION, request);
}

/** Others that may speak before an answer, in the function's half a minute. */
const ANSWER_TURNS = 5;

/** Opens what answers a message that somebody wants to have diagnosed. */
export function openAnswers(
  catalogue: Catalogue,
): (request: DiagnoseRequest) => Promise<'thread' | 'person'> {
  const { MEDIC_SLACK_API_URL: apiUrl } = readEnvironment('MEDIC_SLACK_API_URL');
  const { answerMs: timeoutMs } = PATIENT;
  const pace = openPace(PROMPT, ANSWER_TURNS);
  return async (request) => {
    const { botToken } = await openSlackSecrets().current();
    const client = new WebClient(botToken, {
      ...slackPatience(PROMPT),
      rejectRateLimitedCalls: true,
      ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    });
    const messages = await answerDiagnose(request, {
      catalogue,
      fetchFile: (file, mostBytes) => fetchSlackFile(file, { botToken, apiUrl, timeoutMs }, mostBytes),
    });
    return await postAnswer(request, messages, { client, apiUrl, timeoutMs, pace });
  };
}

let slackSecrets: SecretSource<SlackSecrets> | undefined;
let signingSecret: SecretSource<SigningSecret> | undefined;

/** Opens the Slack secret, one source for the life of the function. */
export function openSlackSecrets(): SecretSource<SlackSecrets> {
  slackSecrets ??= openSecret(readSlackSecret(), SLACK_SECRET);
  return slackSecrets;
}

/** Opens the signing secret, one source for the life of the function. */
export function openSigningSecret(): SecretSource<SigningSecret> {
  signingSecret ??= openSecret(readSigningSecret(), SIGNING_SECRET);
  return signingSecret;
}

/** Opens the keys that Slack's signatures are held against, the one before among them. */
export function openSigningKeys(): SigningKeys {
  const where = readSigningSecret();
  if ('arn' in where)
    return new ManagedSigningKeys(new SecretsManagerClient(withPatience({})), where.arn, log);
  const { signingSecret: key } = where.plain;
  return { all: () => Promise.resolve([{ key }]) };
}

function openSecret<T extends object>(where: SecretPlace<T>, shape: SecretShape<T>): SecretSource<T> {
  return 'plain' in where
    ? fixedSecret(where.plain)
    : new ManagedSecret(
        new SecretsManagerClient(withPatience({}, IMPATIENT)),
        where.arn,
        shape,
        systemClock,
        log,
      );
}

/** A longer wait for a turn to speak than this is none for a function, in milliseconds. */
const TURN_MS = 30_000;

/** Opens the turns that all functions take at speaking; nobody waits for more than so many. */
function openPace(patience: Patience, turns: number): SharedPace {
  const { MEDIC_SLACK_MESSAGE_MS, MEDIC_TABLE } = readEnvironment('MEDIC_SLACK_MESSAGE_MS', 'MEDIC_TABLE');
  const times = {
    messageMs: MEDIC_SLACK_MESSAGE_MS,
    waitMs: Math.min(turns * MEDIC_SLACK_MESSAGE_MS, TURN_MS),
  };
  return new SharedPace(openTable(undefined, patience), MEDIC_TABLE, times);
}

/**
 * Opens the Slack channel; its cards speak of the failure modes of the catalogue.
 * @param turns how many others may speak before it in the channel; what would come after more of them is said later
 * @param draw draws what a trace found, where the function says that
 */
export function openNotifier(
  catalogue: Catalogue,
  patience: Patience = PATIENT,
  turns: number = Math.floor(patience.totalMs / 4000),
  draw?: DrawTrace,
): Notifier {
  const { MEDIC_SLACK_API_URL, MEDIC_SLACK_CHANNEL, MEDIC_WARNING_CHANNEL } = readEnvironment(
    'MEDIC_SLACK_API_URL',
    'MEDIC_SLACK_CHANNEL',
    'MEDIC_WARNING_CHANNEL',
  );
  const pace = openPace(patience, turns);
  return new RotatingNotifier(openSlackSecrets(), (botToken) => {
    const client = new WebClient(botToken, {
      // Who asks has retries of its own; the default of ten would hold a function for minutes.
      ...slackPatience(patience),
      ...(MEDIC_SLACK_API_URL === undefined ? {} : { slackApiUrl: MEDIC_SLACK_API_URL }),
    });
    return new SlackNotifier(
      client,
      MEDIC_SLACK_CHANNEL,
      systemClock,
      catalogue,
      pace,
      MEDIC_WARNING_CHANNEL,
      draw,
    );
  });
}

/**
 * Opens what taking an alarm in needs, whoever brings it; such a function has seconds.
 * @param outage for how long it waits for a table that is away, where nobody waits for the function
 */
export function openIntakePorts(
  catalogue: Catalogue,
  patience: Patience = PROMPT,
  turns?: number,
  outage?: Outlasting,
): IntakePorts {
  return {
    store: openStore(outage, patience),
    workflows: openWorkflows(patience),
    notifier: openNotifier(catalogue, patience, turns),
    clock: systemClock,
    log,
  };
}
