import { Duration } from 'aws-cdk-lib';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type * as z from 'zod';
import type { NodeTags } from '../src/core/node-tags.ts';
import type { AlarmTarget } from '../src/core/resolve/alarm-target.ts';
import type { ConfiguredBandwidth } from '../src/core/resolve/bandwidths.ts';
import type { SweepSource } from '../src/core/sweep/source.ts';

/** An account beside the service's own whose alarms it follows. */
export interface SpokeAccount {
  /** Twelve digits. */
  readonly account: string;
  /** Region with the nodes. */
  readonly region: string;
  /** What the roles there ask for besides the caller; any word that only these two accounts know. */
  readonly externalId: string;
}

/** A folder of a bucket that somebody else made. */
export interface CommandOutputFolder {
  readonly bucket: string;
  /** Without slashes at its ends. */
  readonly prefix: string;
}

/** Where the samples of a sweep come from, as the configuration says it; docs/fleet.md says what each source can tell. */
export type SampleSource = z.input<typeof SweepSource>;

/** How the fleet is swept. */
export interface SweepProps {
  /**
   * Between two sweeps.
   *
   * @default 5 minutes
   */
  readonly every?: Duration;
  /**
   * Between the two samples of a node.
   *
   * @default 5 seconds
   */
  readonly sampling?: Duration;
  /**
   * Where the samples come from.
   *
   * @default - the nodes themselves, by medic-probe
   */
  readonly source?: SampleSource;
  /**
   * A node is warned of once its table is likely to be full within so many hours.
   *
   * @default 8
   */
  readonly warnUnderHours?: number;
  /**
   * The warning ends once it is not likely to be full within so many.
   *
   * @default 48
   */
  readonly releaseAboveHours?: number;
  /**
   * Alarms on drops of a full table, on half an hour or less to a full one, and on drift.
   *
   * @default - all of them
   */
  readonly alarms?: { readonly drops?: boolean; readonly timeToFull?: boolean; readonly drift?: boolean };
}

/** Properties of the service. */
export interface ConntrackMedicProps {
  /** Id of the Slack channel that gets the cards, such as `C0123456789`. */
  readonly slackChannel: string;
  /**
   * Id of the Slack channel that gets the quiet cards of early warnings.
   *
   * @default - that of all cards
   */
  readonly warningChannel?: string;
  /**
   * Id of the one Slack workspace (`T…`) or enterprise (`E…`) whose clicks and commands count.
   *
   * @default - an approver's count from every workspace that the app or the channel is shared with
   */
  readonly slackTeam?: string;
  /**
   * Address at which the tracing system shows a time, with placeholders for what an alarm says
   * (`src/core/incident/trace-link.ts`).
   *
   * @default - no link to traces on a card
   */
  readonly traceLink?: string;
  /**
   * Secret with the key `botToken` of the Slack app and, where alerts come by webhook, `webhookSecret`. It is read at run
   * time only.
   */
  readonly slackSecret: ISecret;
  /** Secret with the key `signingSecret` of the Slack app and nothing else: with it clicks could be made. */
  readonly signingSecret: ISecret;
  /** Slack user ids that may approve a change. An empty list means nobody may. */
  readonly approvers: readonly string[];
  /** Only nodes with one of these tags can be sent a command. */
  readonly nodeTags: NodeTags;
  /** CloudWatch alarms whose name begins so open incidents. */
  readonly alarmNamePrefix: string;
  /**
   * Which nodes an alarm is about, where neither its dimensions nor its tag say it right.
   *
   * @default - none: dimensions and tags are enough
   */
  readonly alarmTargets?: readonly AlarmTarget[];
  /**
   * Most nodes that one incident asks; what is left out is said on the card.
   *
   * @default 100
   */
  readonly maxNodes?: number;
  /**
   * What the network of a node may carry of whose instance type EC2 says nothing.
   *
   * @default - such a node's traffic is told without what it is held against
   */
  readonly nodeBandwidth?: ConfiguredBandwidth;
  /**
   * How long after a click its first command may be sent; what comes later wants another click.
   *
   * @default 5 minutes
   */
  readonly decisionLife?: Duration;
  /**
   * How long after a dismissal further firings of the alarm are only counted.
   *
   * @default 30 minutes
   */
  readonly dismissalHold?: Duration;
  /**
   * How far apart the firings of alarms may be that join one incident; zero keeps each alarm by itself.
   *
   * @default 15 minutes
   */
  readonly joinWindow?: Duration;
  /**
   * For how long after it was opened an incident takes other alarms in.
   *
   * @default 12 hours
   */
  readonly joinAge?: Duration;
  /**
   * How long the raw output of nodes is kept. The incident records themselves are kept for ever.
   *
   * @default 90 days
   */
  readonly evidenceRetention?: Duration;
  /**
   * Where Systems Manager keeps node output over 24,000 characters. The agent of the nodes writes it, so their role needs
   * `s3:PutObject` on the folder, and other accounts' nodes need the bucket's policy besides.
   *
   * @default - longer output is cut off, and what is missing counts as unknown
   */
  readonly commandOutput?: CommandOutputFolder;
  /**
   * How long the functions' logs are kept.
   *
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: RetentionDays;
  /**
   * Whether concurrency is reserved: it bounds what unsigned requests to the URLs can use up, and how many changes
   * run at once. An account whose whole quota is 10, as new ones have it, cannot reserve any.
   *
   * @default true
   */
  readonly reserveConcurrency?: boolean;
  /**
   * Topic that is told when the service itself is not well.
   *
   * @default - the alarms show on the dashboard only
   */
  readonly healthTopic?: ITopic;
  /**
   * How every node of this account and region with one of the tags is looked at on a schedule; `false` for not at all.
   *
   * @default - every five minutes
   */
  readonly sweep?: SweepProps | false;
  /**
   * Other accounts whose alarms the service follows; each needs the stack `SpokeStack` first.
   *
   * @default - none
   */
  readonly spokes?: readonly SpokeAccount[];
}

/** When alarms join one incident, as the incident function reads it. */
export const joinEnvironment = ({
  joinWindow = Duration.minutes(15),
  joinAge = Duration.hours(12),
}: Pick<ConntrackMedicProps, 'joinWindow' | 'joinAge'>): Readonly<Record<string, string>> => ({
  MEDIC_JOIN_WINDOW_SECONDS: String(joinWindow.toSeconds()),
  MEDIC_JOIN_AGE_SECONDS: String(joinAge.toSeconds()),
});

/** What the functions are told that hold a click to its approvers. */
export const approversOf = ({ approvers, slackTeam }: ConntrackMedicProps): Record<string, string> => ({
  MEDIC_APPROVERS: approvers.join(','),
  ...(slackTeam && { MEDIC_SLACK_TEAM: slackTeam }),
});

/** How long a decision may wait for its first command, for those that hold it to that. */
export const decisionLifeOf = ({ decisionLife }: ConntrackMedicProps): Record<string, string> => ({
  MEDIC_DECISION_LIFE_SECONDS: String((decisionLife ?? Duration.minutes(5)).toSeconds()),
});
