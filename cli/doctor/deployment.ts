import type { SSMClient } from '@aws-sdk/client-ssm';
import type { WebClient } from '@slack/web-api';
import * as z from 'zod';
import type { NodeTags } from '../../src/core/node-tags.ts';
import type { DocumentText } from '../../src/core/record/document-pin.ts';
import type { InstanceLookups } from '../../src/core/resolve/node-lookups.ts';
import type { StoredSweep } from '../../src/core/sweep/found.ts';
import { SweepSource } from '../../src/core/sweep/source.ts';

/** How a stack says that it sweeps its fleet. */
export const ToldSweep = z.strictObject({ everyMinutes: z.number().int().min(1), source: SweepSource });

/** The sweep over the fleet of a deployment, and what the newest one left. */
export interface SweepDeployment extends z.infer<typeof ToldSweep> {
  /** Nothing where none has run. */
  readonly newest: () => Promise<StoredSweep | undefined>;
}

/** Everything that the doctor looks at, of a stack in AWS or of a demo on this machine. */
export interface Deployment {
  /** Who asks, for the first line: an ARN, or the demo. */
  readonly identity: string;
  readonly region: string;
  readonly ssm: SSMClient;
  readonly slack: WebClient;
  readonly channel: string;
  /** The one workspace or enterprise whose clicks count; undefined where those of every one do. */
  readonly team: string | undefined;
  readonly approvers: readonly string[];
  readonly slackUrl: string;
  readonly signingSecret: string;
  readonly webhookUrl: string;
  readonly webhookSecret: string | undefined;
  /** Only nodes with one of these tags can be sent a command. */
  readonly nodeTags: NodeTags;
  /** EC2, which knows the clusters; undefined for the demo, whose nodes are no instances. */
  readonly instances: InstanceLookups | undefined;
  /** Each document with the hash that this checkout's build has for it. */
  readonly documents: readonly DocumentText[];
  /** How the fleet is swept; undefined where it is not, or not on a schedule, as in a demo. */
  readonly sweep: SweepDeployment | undefined;
  /** The one of them that reads a node. */
  readonly collect: DocumentText;
}
