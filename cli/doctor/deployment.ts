import type { SSMClient } from '@aws-sdk/client-ssm';
import type { WebClient } from '@slack/web-api';
import type { NodeTags } from '../../src/core/node-tags.ts';
import type { DocumentText } from '../../src/core/record/document-pin.ts';
import type { InstanceLookups } from '../../src/core/resolve/node-lookups.ts';

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
  /** The one of them that reads a node. */
  readonly collect: DocumentText;
}
