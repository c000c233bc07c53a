import { readFileSync } from 'node:fs';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';
import { MedicError, messageOf } from '../src/core/errors.ts';
import { faultsOf } from '../src/core/faults.ts';
import { WARNING_HOURS } from '../src/core/fleet/hours.ts';
import { TraceTemplate } from '../src/core/incident/trace-link.ts';
import { NodeTags } from '../src/core/node-tags.ts';
import { INCIDENT_NODES_MOST } from '../src/core/record/bounds.ts';
import { AlarmTarget } from '../src/core/resolve/alarm-target.ts';
import { ConfiguredBandwidth } from '../src/core/resolve/bandwidths.ts';
import { SweepSource } from '../src/core/sweep/source.ts';
import { SLACK_TEAM } from '../src/slack/team.ts';
import { STACK_NAME } from './stack-name.mjs';

const account = z.string().regex(/^\d{12}$/, 'must be twelve digits');
const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region such as eu-central-1');

const channel = z
  .string()
  .regex(/^[CG][A-Z0-9]{8,32}$/, 'must be the id of a channel such as C0123456789, not its name');

/** Days for which CloudWatch keeps logs when it does not keep them for ever. */
const LOG_DAYS = Object.values(RetentionDays).filter(
  (days): days is Exclude<RetentionDays, RetentionDays.INFINITE> =>
    typeof days === 'number' && days !== RetentionDays.INFINITE,
);

/** What a deployment decides. Read once by `cdk/app.ts` from the file that the context key `config` names. */
export const DeployConfig = z
  .strictObject({
    /** Name of the CloudFormation stack. */
    stackName: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9-]{0,127}$/, 'must be letters, digits and hyphens, a letter first')
      .default(STACK_NAME),
    /** Where the service runs; without it, wherever the credentials of `cdk deploy` lead. Spokes need it. */
    account: account.optional(),
    region: region.optional(),
    /** Id of the channel that gets the card, such as `C0123456789`. */
    slackChannel: channel,
    /** Id of the one Slack workspace or enterprise whose clicks and commands count; without it those of every one do. */
    slackTeam: z
      .string()
      .regex(SLACK_TEAM, 'must be the id of a Slack workspace such as T0123456789, or of an enterprise (E…)')
      .optional(),
    /** Where traces are shown, with placeholders such as `{fromMs}`, `{toMs}` and `{dimension.LoadBalancer}`. */
    traceLink: TraceTemplate.optional(),
    /** Secrets Manager secret with the keys `botToken` and, for webhooks, `webhookSecret`. */
    slackSecretName: z.string().min(1).max(512),
    /** Secrets Manager secret with the key `signingSecret` alone, which two functions may read. */
    signingSecretName: z.string().min(1).max(512),
    /** Slack user ids that may approve a change; empty means nobody. */
    approvers: z.array(
      z.string().regex(/^[UW][A-Z0-9]{2,32}$/, 'must be the id of a Slack user such as U0123456789'),
    ),
    /** Only instances that carry one of these tags can be sent a command. */
    nodeTags: NodeTags.optional(),
    /** The same for one tag with one value, as configurations say it that are older than `nodeTags`. */
    nodeTag: z
      .strictObject({ key: z.string().min(1).max(128), value: z.string().min(1).max(256) })
      .optional(),
    /** Alarms whose name begins so open incidents. */
    alarmNamePrefix: z.string().min(1).max(255),
    /** Which nodes an alarm is about, where neither its dimensions nor its tag `medic:target` say it right. */
    alarmTargets: z.array(AlarmTarget).default([]),
    /** Minutes after a click within which its first command is sent, or never; a lost click is delivered within two. */
    decisionLifeMinutes: z.int().min(3).max(30).default(5),
    /** Minutes after a dismissal in which further firings of the alarm are only counted. */
    dismissalHoldMinutes: z.int().min(0).max(1440).default(30),
    /** Minutes that firings of alarms may be apart to join one incident; 0 keeps each alarm by itself. */
    joinWindowMinutes: z.int().min(0).max(1440).default(15),
    /** Hours after its opening in which an incident takes other alarms in. */
    joinAgeHours: z.int().min(1).max(168).default(12),
    /** Most nodes that one incident asks. */
    maxNodes: z.int().min(1).max(INCIDENT_NODES_MOST).default(100),
    /** What the network of a node may carry of whose instance type EC2 says nothing, in Gbit/s. */
    nodeBandwidth: ConfiguredBandwidth.optional(),
    /** Days that the raw output of nodes is kept; the incident records are kept for ever. */
    evidenceDays: z.int().min(1).max(3650).default(90),
    /**
     * Folder of a bucket for node output over 24,000 characters, which Systems Manager cuts off otherwise. The nodes' role
     * needs `s3:PutObject` there, because their agent writes it.
     */
    commandOutput: z
      .strictObject({
        bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of a bucket'),
        prefix: z
          .string()
          .regex(/^[\w-]+(\/[\w-]+)*$/, 'must be a folder without slashes at its ends')
          .max(500),
      })
      .optional(),
    /** Days that the functions' logs are kept. */
    logDays: z.literal(LOG_DAYS).default(RetentionDays.THREE_MONTHS),
    /** How every node of the service's own account and region is looked at on a schedule. */
    sweep: z
      .strictObject({
        /** False for a service that only follows alarms. */
        isOn: z.boolean().default(true),
        everyMinutes: z.int().min(2).max(60).default(5),
        /** Seconds between the two samples of a node. */
        sampleSeconds: z.int().min(2).max(30).default(5),
        /** Where the samples come from. */
        source: SweepSource.prefault({ kind: 'ssm' }),
        /** A node is warned of once its table is likely to be full within so many hours. */
        warnUnderHours: z.number().min(1).max(48).default(WARNING_HOURS.warnUnder),
        /** The warning ends once it is not likely to be full within so many. */
        releaseAboveHours: z.number().min(1).max(336).default(WARNING_HOURS.releaseAbove),
        /** Id of the channel that gets the quiet cards of early warnings; without it that of all cards. */
        slackChannel: channel.optional(),
        /** Alarms of CloudWatch on what it finds; false for one that nobody wants. */
        alarms: z
          .strictObject({
            drops: z.boolean().default(true),
            timeToFull: z.boolean().default(true),
            drift: z.boolean().default(true),
          })
          .prefault({}),
      })
      .refine(({ warnUnderHours, releaseAboveHours }) => warnUnderHours <= releaseAboveHours, {
        message: 'must not be less than warnUnderHours, or a warning would begin and end by the same numbers',
        path: ['releaseAboveHours'],
      })
      .prefault({}),
    /** False for an account whose quota of concurrent executions is too small to reserve any, such as a new one with 10. */
    reserveConcurrency: z.boolean().default(true),
    /** SNS topic that is told when the service itself is not well. */
    healthTopicArn: z
      .string()
      .regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/, 'must be the ARN of a topic')
      .optional(),
    /** Other accounts whose alarms the service follows; each gets a stack of its own. */
    spokes: z
      .array(
        z.strictObject({
          account,
          region,
          externalId: z
            .string()
            .regex(/^[\w+=,.@:/-]{8,1224}$/, 'must be 8 to 1224 characters of an external id'),
        }),
      )
      .default([]),
  })
  .refine(({ slackSecretName, signingSecretName }) => slackSecretName !== signingSecretName, {
    message: 'must be another secret than slackSecretName, which more functions may read',
    path: ['signingSecretName'],
  })
  .refine(({ nodeTags, nodeTag }) => (nodeTags === undefined) !== (nodeTag === undefined), {
    message: 'must be there, or nodeTag for one tag with one value, and not both',
    path: ['nodeTags'],
  })
  .refine(({ spokes, account: home, region: homeRegion }) => spokes.length === 0 || (home && homeRegion), {
    message:
      'need account and region of the service beside them, because the roles there name who may assume them',
    path: ['spokes'],
  })
  .refine(({ spokes, account: home }) => spokes.every((spoke) => spoke.account !== home), {
    message: 'must not hold the account of the service itself',
    path: ['spokes'],
  })
  .refine(({ spokes }) => new Set(spokes.map((spoke) => spoke.account)).size === spokes.length, {
    message: 'must hold each account once',
    path: ['spokes'],
  });
export type DeployConfig = z.infer<typeof DeployConfig>;

/** The tags by which the nodes of a configuration are reached, whichever way it says them. */
export function nodeTagsOf({ nodeTags, nodeTag }: Pick<DeployConfig, 'nodeTags' | 'nodeTag'>): NodeTags {
  return nodeTags ?? (nodeTag === undefined ? [] : [{ key: nodeTag.key, values: [nodeTag.value] }]);
}

/** A deployment's configuration cannot be used. The message names the file and everything that is wrong with it. */
export class ConfigError extends MedicError {
  override readonly name = 'ConfigError';
  override readonly code = 'config';
}

/**
 * Reads a deployment's configuration.
 *
 * @throws ConfigError with one sentence that names the file and every field that is wrong
 */
export function readConfig(path: string): DeployConfig {
  const given = readJson(path);
  const parsed = DeployConfig.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    `${path} cannot be used: ${faultsOf(parsed.error, given)}; docs/operations.md has every field.`,
    { cause: parsed.error },
  );
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const copy = 'copy cdk/config.example.json and name your copy with -c config=FILE';
    throw new ConfigError(`${path} cannot be read (${messageOf(cause)}); ${copy}.`, { cause });
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new ConfigError(
      `${path} is not JSON (${messageOf(cause).replaceAll(/\s+/g, ' ')}); put that right first.`,
      { cause },
    );
  }
}
