import { EC2Client } from '@aws-sdk/client-ec2';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { WebClient } from '@slack/web-api';
import type * as z from 'zod';
import type { StackOutput } from '../../cdk/outputs.ts';
import { DEMO_NODE_TAGS } from '../../local/demo-nodes.ts';
import { dynamoClient } from '../../src/adapters/dynamo/client.ts';
import { DynamoSweepState } from '../../src/adapters/dynamo/sweep-state.ts';
import { Ec2Lookups } from '../../src/adapters/lookups/ec2-instances.ts';
import { SigningSecretText, SlackSecretText } from '../../src/adapters/managed-secret.ts';
import { PATIENT, slackPatience, withPatience } from '../../src/adapters/waiting/patience.ts';
import { jsonOrNothing } from '../../src/core/json.ts';
import { readNodeTags } from '../../src/core/node-tags.ts';
import type { DocumentText } from '../../src/core/record/document-pin.ts';
import { builtDocuments } from '../built-documents.ts';
import { runningDemo } from '../deployment/running-demo.ts';
import { stackOutputs } from '../deployment/stack-outputs.ts';
import { InputError, NotReachedError } from '../errors.ts';
import { attempt, bad, type Check, good, LOG_IN, lineOf, type Question } from './check.ts';
import { type Deployment, type SweepDeployment, ToldSweep } from './deployment.ts';

/** What was found out on the way to a deployment, and the deployment if the way led there. */
export interface Opened {
  readonly checks: readonly Check[];
  readonly deployment: Deployment | undefined;
}

/** The demo that runs on this machine. @throws InputError when there is none, or several that may be meant */
export async function openDemo(page?: string): Promise<Opened> {
  const demo = await runningDemo(page);
  const { region, ssm, slackApi, botToken, channel, team, approvers, signingSecret, webhookSecret } = demo;
  const names: ReadonlySet<string> = new Set(Object.values(demo.documents));
  const documents = builtDocuments().filter(({ name }) => names.has(name));
  return {
    checks: [good('demo', `A demo runs on this machine; its page is ${demo.slackPage}`)],
    deployment: {
      identity: 'the demo',
      region,
      ssm: new SSMClient(
        withPatience({
          endpoint: ssm,
          region,
          credentials: demo.credentials,
          maxAttempts: 1,
        }),
      ),
      slack: new WebClient(botToken, { ...slackPatience(PATIENT), slackApiUrl: slackApi }),
      channel,
      team,
      approvers,
      slackUrl: demo.slackRequest,
      signingSecret,
      webhookUrl: demo.webhook,
      webhookSecret,
      nodeTags: DEMO_NODE_TAGS,
      instances: undefined,
      sweep: undefined,
      documents,
      collect: collectOf(documents, demo.documents.collect),
    },
  };
}

/** A stack in AWS, by its outputs. */
export async function openStack(stack: string, region: string | undefined): Promise<Opened> {
  const place = region === undefined ? {} : { region };
  const sts = new STSClient(withPatience(place));
  let identity: string | undefined;
  let used = '';
  const checks: Check[] = [
    ...(await attempt(
      {
        id: 'credentials',
        service: 'AWS',
        unknown: 'whether it takes the credentials',
        refused: 'AWS did not take the credentials',
        fix: LOG_IN,
      },
      async () => {
        used = await sts.config.region();
        const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
        // The SDK reads a page that is no answer of AWS, such as one to log in to a network, as an empty answer.
        if (Arn === undefined) throw new NotReachedError('something else answered, not AWS itself.');
        identity = Arn;
        return [good('credentials', `You are ${identity} in ${used}.`)];
      },
    )),
  ];
  if (identity === undefined) return { checks, deployment: undefined };
  let outputs: Outputs;
  try {
    outputs = await stackOutputs({ stack, region }, NEEDED);
  } catch (error) {
    if (!(error instanceof InputError || error instanceof NotReachedError)) throw error;
    return { checks: [...checks, stackLine(stack, error)], deployment: undefined };
  }
  checks.push(good('stack', `The stack ${stack} is there and has its outputs.`));
  const client = new SecretsManagerClient(withPatience(place));
  const slack = await readSecret(client, outputs.SlackSecret, SLACK_SECRET);
  const signing = await readSecret(client, outputs.SigningSecret, SIGNING_SECRET);
  checks.push(slack.check, signing.check);
  if (slack.secret === undefined || signing.secret === undefined) return { checks, deployment: undefined };
  return {
    checks,
    deployment: deploymentOf(outputs, { ...slack.secret, ...signing.secret }, identity, used),
  };
}

/** Why there is no stack to look at; a stack that is another one was read, and needs no word on rights. */
function stackLine(stack: string, error: InputError | NotReachedError): Check {
  const fix = 'Give the name and the region of a stack that was deployed from this version.';
  if (error instanceof InputError) return bad('stack', error.message, fix);
  const question: Question = {
    id: 'stack',
    service: 'CloudFormation',
    unknown: `whether the stack ${stack} is there`,
    refused: `The stack ${stack} cannot be read`,
    fix,
    permission: 'cloudformation:DescribeStacks',
  };
  return lineOf(question, error.cause ?? error);
}

type Secrets = z.infer<typeof SlackSecretText> & z.infer<typeof SigningSecretText>;

/** One of the two secrets as the doctor looks at it. */
interface SecretKind<T> {
  readonly id: string;
  readonly name: string;
  readonly schema: z.ZodType<T>;
  /** What is wrong with one that does not fit the schema, after its name. */
  readonly unfit: string;
  readonly fix: string;
  /** What does not belong into it, with what to do. */
  readonly misplaced?: { readonly key: string; readonly fix: string };
}

const SLACK_SECRET: SecretKind<z.infer<typeof SlackSecretText>> = {
  id: 'secret',
  name: 'Slack secret',
  schema: SlackSecretText,
  unfit: 'is no JSON object with botToken, or its webhookSecret is too short',
  fix: 'Put them into it as JSON, as docs/deploy.md says; a webhookSecret has 16 characters or more.',
  misplaced: {
    key: 'signingSecret',
    fix: 'Make a new one in the Slack app, put it into the signing secret alone and take the old one out here, as docs/deploy.md says under "From one Slack secret to two".',
  },
};
const SIGNING_SECRET: SecretKind<z.infer<typeof SigningSecretText>> = {
  id: 'signing-secret',
  name: 'signing secret',
  schema: SigningSecretText,
  unfit: 'is no JSON object with a signingSecret of 32 characters or more',
  fix: 'Copy the app’s signing secret from "Basic Information" into it as JSON, as docs/deploy.md says.',
};

/** A secret of the Slack app, of which nothing is ever printed. */
async function readSecret<T>(
  client: SecretsManagerClient,
  arn: string,
  { id, name, schema, unfit, fix, misplaced }: SecretKind<T>,
): Promise<{ readonly check: Check; readonly secret?: T }> {
  let text: string;
  try {
    text = (await client.send(new GetSecretValueCommand({ SecretId: arn }))).SecretString ?? '';
  } catch (error) {
    const question: Question = {
      id,
      service: 'Secrets Manager',
      unknown: `what the secret ${arn} holds`,
      refused: `The secret ${arn} cannot be read`,
      fix: 'Look whether it is there and has a value, as docs/deploy.md says.',
      permission: 'secretsmanager:GetSecretValue for it, and kms:Decrypt where it has a key of its own',
    };
    return { check: lineOf(question, error) };
  }
  const value = jsonOrNothing(text);
  const read = schema.safeParse(value);
  if (!read.success) return { check: bad(id, `The secret ${arn} ${unfit}.`, fix) };
  const isMisplaced = misplaced !== undefined && Object.hasOwn(Object(value) as object, misplaced.key);
  const check = isMisplaced
    ? bad(
        id,
        `The ${name} holds a ${misplaced.key}, which every function that reads it could sign with.`,
        misplaced.fix,
      )
    : good(id, `The ${name} has what it needs.`);
  return { check, secret: read.data };
}

const NEEDED = [
  'SlackUrl',
  'WebhookUrl',
  'SlackSecret',
  'SigningSecret',
  'SlackChannel',
  'SlackTeam',
  'Approvers',
  'NodeTag',
  'CollectDocument',
  'ProbeDocument',
  'Sweep',
  'IncidentTable',
  'TraceDocument',
  'RaiseDocument',
  'SettingsDocument',
  'DeleteUdpEntryDocument',
  'RollbackDocument',
] as const satisfies readonly StackOutput[];
type Outputs = Readonly<Record<(typeof NEEDED)[number], string>>;

function deploymentOf(outputs: Outputs, secret: Secrets, identity: string, region: string): Deployment {
  // The names of the stack's documents may have a suffix; their contents are the built ones, in this order.
  const names = {
    'medic-collect': outputs.CollectDocument,
    'medic-probe': outputs.ProbeDocument,
    'medic-trace': outputs.TraceDocument,
    'medic-raise': outputs.RaiseDocument,
    'medic-settings': outputs.SettingsDocument,
    'medic-delete-udp-entry': outputs.DeleteUdpEntryDocument,
    'medic-rollback': outputs.RollbackDocument,
  } as const;
  const documents = builtDocuments().flatMap(({ name, hash }) => {
    const registered = Object.entries(names).find(([built]) => built === name)?.[1];
    return registered === undefined ? [] : [{ name: registered, hash }];
  });
  const nodeTags = readNodeTags(outputs.NodeTag);
  if (nodeTags === undefined)
    throw new InputError(`The output NodeTag of the stack is unreadable (${outputs.NodeTag.slice(0, 100)}).`);
  return {
    identity,
    region,
    ssm: new SSMClient(withPatience({ region, maxAttempts: 2 })),
    slack: new WebClient(secret.botToken, slackPatience(PATIENT)),
    channel: outputs.SlackChannel,
    team: outputs.SlackTeam === 'none' ? undefined : outputs.SlackTeam,
    approvers: outputs.Approvers === 'none' ? [] : outputs.Approvers.split(','),
    slackUrl: outputs.SlackUrl,
    signingSecret: secret.signingSecret,
    webhookUrl: outputs.WebhookUrl,
    webhookSecret: secret.webhookSecret,
    nodeTags,
    instances: new Ec2Lookups(new EC2Client(withPatience({ region }))),
    sweep: sweepOf(outputs, region),
    documents,
    collect: collectOf(documents, outputs.CollectDocument),
  };
}

/** @throws InputError where the stack says it in a way that this version does not know */
function sweepOf(
  { Sweep, IncidentTable }: Pick<Outputs, 'Sweep' | 'IncidentTable'>,
  region: string,
): SweepDeployment | undefined {
  if (Sweep === 'none') return undefined;
  const told = ToldSweep.safeParse(jsonOrNothing(Sweep));
  if (!told.success)
    throw new InputError(`The output Sweep of the stack is unreadable (${Sweep.slice(0, 100)}).`);
  const state = new DynamoSweepState(dynamoClient({ region }), IncidentTable);
  return { ...told.data, newest: () => state.report() };
}

function collectOf(documents: readonly DocumentText[], name: string): DocumentText {
  const found = documents.find((document) => document.name === name);
  if (found === undefined) throw new InputError(`The document ${name} is none that this checkout builds.`);
  return found;
}
