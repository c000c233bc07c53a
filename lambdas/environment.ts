import * as z from 'zod';
import { UnusableConfigurationError } from '../src/adapters/errors.ts';
import { faultsOf } from '../src/core/faults.ts';
import { WARNING_HOURS } from '../src/core/fleet/hours.ts';
import { TraceTemplate } from '../src/core/incident/trace-link.ts';
import { readNodeTags } from '../src/core/node-tags.ts';
import { INCIDENT_NODES_MOST } from '../src/core/record/bounds.ts';
import { AlarmTarget } from '../src/core/resolve/alarm-target.ts';
import { ConfiguredBandwidth } from '../src/core/resolve/bandwidths.ts';
import { SweepSource } from '../src/core/sweep/source.ts';
import type { SigningSecret, SlackSecrets } from '../src/slack/secret-source.ts';
import { SLACK_TEAM } from '../src/slack/team.ts';

const seconds = (fallback: number, least: number, most: number) =>
  z.coerce.number().int().min(least).max(most).default(fallback);
const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be the hex SHA-256 of the document');
const qualified = z.string().regex(/:[a-zA-Z0-9$_-]+$/, 'must be qualified, like name:alias');

const secretArn = z
  .string()
  .regex(/^arn:aws[a-z-]*:secretsmanager:/, 'must be the ARN of a secret')
  .optional();

/** The role that the service assumes in another account. */
const SpokeRole = z.strictObject({
  account: z.string().regex(/^\d{12}$/, 'must be twelve digits'),
  roleArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/, 'must be the ARN of a role'),
  externalId: z.string().regex(/^[\w+=,.@:/-]{2,1224}$/, 'must be an external id'),
});

const VARIABLES = {
  MEDIC_TABLE: z.string().min(3),
  /** `s3://bucket/prefix`, or `file:///dir` on one machine. */
  MEDIC_EVIDENCE: z.string().regex(/^(s3:\/\/[a-z0-9.-]+|file:\/\/\/)/, 'must start with s3:// or file:///'),
  /** Where pages of a folder of evidence are shown, ending in a slash; in AWS they are opened in the bucket itself. */
  MEDIC_PAGES_URL: z
    .url({ protocol: /^https?$/ })
    .endsWith('/')
    .optional(),
  MEDIC_INCIDENT_FUNCTION: qualified,
  MEDIC_REMEDIATE_FUNCTION: qualified,
  MEDIC_RESOLVE_FUNCTION: qualified,
  MEDIC_INTAKE_FUNCTION: qualified,
  MEDIC_COLLECT_DOCUMENT: z.string().min(3),
  MEDIC_COLLECT_DOCUMENT_HASH: hash,
  MEDIC_TRACE_DOCUMENT: z.string().min(3),
  MEDIC_TRACE_DOCUMENT_HASH: hash,
  MEDIC_PROBE_DOCUMENT: z.string().min(3),
  MEDIC_PROBE_DOCUMENT_HASH: hash,
  MEDIC_RAISE_DOCUMENT: z.string().min(3),
  MEDIC_RAISE_DOCUMENT_HASH: hash,
  MEDIC_SETTINGS_DOCUMENT: z.string().min(3),
  MEDIC_SETTINGS_DOCUMENT_HASH: hash,
  MEDIC_DELETE_UDP_ENTRY_DOCUMENT: z.string().min(3),
  MEDIC_DELETE_UDP_ENTRY_DOCUMENT_HASH: hash,
  MEDIC_ROLLBACK_DOCUMENT: z.string().min(3),
  MEDIC_ROLLBACK_DOCUMENT_HASH: hash,
  MEDIC_SLACK_CHANNEL: z.string().min(1),
  /** Channel of the quiet cards of early warnings; without it that of all cards. */
  MEDIC_WARNING_CHANNEL: z.string().min(1).optional(),
  /** Secret with the bot token and the webhook's secret, in Secrets Manager; the token itself is for a service on one machine. */
  MEDIC_SLACK_SECRET: secretArn,
  MEDIC_SLACK_BOT_TOKEN: z.string().min(1).optional(),
  /** Secret with the signing secret alone; the signing secret itself is for a service on one machine. */
  MEDIC_SIGNING_SECRET: secretArn,
  MEDIC_SLACK_SIGNING_SECRET: z.string().min(1).optional(),
  /** Shared secret of the webhook, for a service on one machine; in AWS it is beside the bot token, as webhookSecret. */
  MEDIC_WEBHOOK_SECRET: z.string().min(16).optional(),
  /** Another address of Slack's Web API than Slack's own. */
  MEDIC_SLACK_API_URL: z.url().optional(),
  /** Least time between two messages in the channel, in milliseconds: Slack takes one a second. */
  MEDIC_SLACK_MESSAGE_MS: z.coerce.number().int().min(1).max(60_000).default(1000),
  /** The one Slack workspace or enterprise whose clicks and commands count; without it those of every one do. */
  MEDIC_SLACK_TEAM: z
    .string()
    .regex(SLACK_TEAM, 'must be the id of a Slack workspace or enterprise')
    .optional(),
  /** Where traces are shown, with placeholders for what an alarm says (src/core/incident/trace-link.ts). */
  MEDIC_TRACE_LINK: TraceTemplate.optional(),
  /** Slack user ids, separated by commas. Empty: nobody may approve anything. */
  MEDIC_APPROVERS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((id) => id.trim())
        .filter((id) => id !== ''),
    )
    .pipe(z.array(z.string().regex(/^[UW][A-Z0-9]{2,32}$/, 'must be Slack user ids'))),
  /** Tags of which a node carries one that can be sent commands: `KEY=VALUE`, or a JSON list of key and values. */
  MEDIC_NODE_TAGS: z
    .string()
    .transform((text, context) => {
      const tags = readNodeTags(text);
      if (tags !== undefined) return tags;
      context.addIssue({ code: 'custom', message: 'must be KEY=VALUE, or a JSON list of key and values' });
      return z.NEVER;
    })
    .optional(),
  MEDIC_ALARM_TARGETS: z.string().default('[]').transform(parseJson).pipe(z.array(AlarmTarget)),
  /** `s3://bucket/prefix` where Systems Manager keeps output over 24,000 characters; the nodes' role has to write there. */
  MEDIC_COMMAND_OUTPUT: z
    .string()
    .regex(/^s3:\/\/[a-z0-9.-]{3,63}(\/[\w/-]+)?$/, 'must be s3://bucket/prefix')
    .transform((text) => {
      const { hostname, pathname } = new URL(text);
      return { bucket: hostname, prefix: pathname.replaceAll(/^\/|\/$/g, '') };
    })
    .optional(),
  /** What nodes are looked up in; `ssm` where Systems Manager is all there is, as on one machine. */
  MEDIC_NODE_LOOKUPS: z.enum(['aws', 'ssm']).default('aws'),
  /** What the network of a node may carry of which EC2 says nothing. */
  MEDIC_NODE_BANDWIDTH: z.string().transform(parseJson).pipe(ConfiguredBandwidth).optional(),
  /** Accounts beside the service's own whose alarms it follows. */
  MEDIC_SPOKES: z.string().default('[]').transform(parseJson).pipe(z.array(SpokeRole)),
  /** Most nodes that one incident asks. */
  MEDIC_MAX_NODES: z.coerce.number().int().min(1).max(INCIDENT_NODES_MOST).default(100),
  /** Between the two samples of a collection; the document takes 2 to 60. */
  MEDIC_SAMPLE_SECONDS: seconds(10, 2, 60),
  /** Between the two samples of a probe; the document takes 2 to 30. */
  MEDIC_PROBE_SECONDS: seconds(5, 2, 30),
  /** Seconds between two looks at how far the probes are. */
  MEDIC_PROBE_POLL_SECONDS: z.coerce.number().min(0.1).max(60).default(5),
  /** Minutes between two sweeps over the fleet. */
  MEDIC_SWEEP_MINUTES: z.coerce.number().int().min(2).max(60).default(5),
  /** Where the samples of a sweep come from. */
  MEDIC_SWEEP_SOURCE: z.string().default('{"kind":"ssm"}').transform(parseJson).pipe(SweepSource),
  /** A node is warned of once its table is likely to be full within so many hours. */
  MEDIC_WARN_UNDER_HOURS: z.coerce.number().min(1).max(48).default(WARNING_HOURS.warnUnder),
  /** The warning ends once it is not likely to be full within so many. */
  MEDIC_RELEASE_ABOVE_HOURS: z.coerce.number().min(1).max(336).default(WARNING_HOURS.releaseAbove),
  MEDIC_COMMAND_POLL_SECONDS: seconds(5, 1, 60),
  /** How long a node has to pick a command up; SSM takes no less than 30. */
  MEDIC_COMMAND_TIMEOUT_SECONDS: seconds(120, 30, 3600),
  /** Between a change and the collection that verifies it. */
  MEDIC_SETTLE_SECONDS: seconds(5, 1, 3600),
  MEDIC_EVIDENCE_MAX_AGE_SECONDS: seconds(900, 1, 86_400),
  MEDIC_DECISION_TIMEOUT_SECONDS: seconds(28_800, 1, 604_800),
  /** For how long after a click its first command may be sent. */
  MEDIC_DECISION_LIFE_SECONDS: seconds(300, 1, 3600),
  /** For how long after a dismissal further firings of the alarm only count. */
  MEDIC_DISMISSAL_HOLD_SECONDS: seconds(1800, 0, 86_400),
  /** How far apart the firings of alarms may be that join one incident; 0 keeps each by itself. */
  MEDIC_JOIN_WINDOW_SECONDS: seconds(900, 0, 86_400),
  /** For how long after it was opened an incident takes other alarms in. */
  MEDIC_JOIN_AGE_SECONDS: seconds(43_200, 0, 604_800),
  /** Between the end of an incident that raised nodes and the look at whether the raise still holds. */
  MEDIC_DRIFT_SECONDS: seconds(900, 1, 86_400),
} as const;

type Variables = { readonly [K in keyof typeof VARIABLES]: z.output<(typeof VARIABLES)[K]> };

/**
 * Reads the variables that a handler needs, and only those: a function is not given what it has no use for.
 * @throws UnusableConfigurationError with one sentence that names every variable that is missing or wrong
 */
export function readEnvironment<K extends keyof Variables>(...names: readonly K[]): Pick<Variables, K> {
  const mask = Object.fromEntries(names.map((name) => [name, true]));
  const parsed = z
    .object(VARIABLES)
    .pick(mask as never)
    .safeParse(process.env);
  if (parsed.success) return parsed.data as Pick<Variables, K>;
  const issues = parsed.error.issues.filter(({ path: [name] }) => process.env[String(name)] !== undefined);
  const unset = names.filter((name) =>
    parsed.error.issues.some(({ path }) => path[0] === name && process.env[name] === undefined),
  );
  const faults = [
    ...unset.map((name) => `${name} is not set`),
    ...(issues.length === 0 ? [] : [faultsOf({ issues }, process.env)]),
  ];
  throw new UnusableConfigurationError(
    `The environment of this function is not usable: ${faults.join('; ')}.`,
    { cause: parsed.error },
  );
}

/** Where a secret is: its ARN, or on one machine the secret itself. */
export type SecretPlace<T extends object> = { readonly arn: string } | { readonly plain: T };

/**
 * Reads where the Slack secret is.
 * @throws UnusableConfigurationError with one sentence when there is neither an ARN nor a bot token, or both
 */
export function readSlackSecret(): SecretPlace<SlackSecrets> {
  const {
    MEDIC_SLACK_SECRET: arn,
    MEDIC_SLACK_BOT_TOKEN: botToken,
    MEDIC_WEBHOOK_SECRET: webhookSecret,
  } = readEnvironment('MEDIC_SLACK_SECRET', 'MEDIC_SLACK_BOT_TOKEN', 'MEDIC_WEBHOOK_SECRET');
  if (arn !== undefined && botToken === undefined) return { arn };
  if (arn === undefined && botToken !== undefined)
    return { plain: { botToken, ...(webhookSecret === undefined ? {} : { webhookSecret }) } };
  throw eitherOr('MEDIC_SLACK_SECRET', 'MEDIC_SLACK_BOT_TOKEN');
}

/**
 * Reads where the signing secret of the Slack app is.
 * @throws UnusableConfigurationError with one sentence when there is neither an ARN nor the secret, or both
 */
export function readSigningSecret(): SecretPlace<SigningSecret> {
  const { MEDIC_SIGNING_SECRET: arn, MEDIC_SLACK_SIGNING_SECRET: signingSecret } = readEnvironment(
    'MEDIC_SIGNING_SECRET',
    'MEDIC_SLACK_SIGNING_SECRET',
  );
  if (arn !== undefined && signingSecret === undefined) return { arn };
  if (arn === undefined && signingSecret !== undefined) return { plain: { signingSecret } };
  throw eitherOr('MEDIC_SIGNING_SECRET', 'MEDIC_SLACK_SIGNING_SECRET');
}

function eitherOr(managed: string, plain: string): UnusableConfigurationError {
  return new UnusableConfigurationError(
    `The environment of this function is not usable: it needs either ${managed} or ${plain}, and not both.`,
  );
}

function parseJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'must be JSON' });
    return z.NEVER;
  }
}
