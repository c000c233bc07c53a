import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nodeTagsText } from '../../src/core/node-tags.ts';
import type { AwsKey } from '../aws-key.ts';
import { DEMO_GROUP, DEMO_NODE_TAGS } from '../demo-nodes.ts';
import { ALIAS } from '../lambda-host/functions.ts';
import { APPROVER, CHANNEL, TEAM } from '../slack/people.ts';
import type { LocalDocument } from '../ssm/documents.ts';
import { REGION } from './alarm-event.ts';

/** What the functions' requests to AWS carry in their user agent. */
export const FUNCTIONS = 'medic-functions';

/** Where the parts of the local mode are. */
export interface LocalAddresses {
  readonly workDir: string;
  readonly table: string;
  readonly ssmUrl: string;
  readonly dynamoUrl: string;
  /** What answers for every other service of AWS. */
  readonly elsewhereUrl: string;
  readonly slackApiUrl: string;
  readonly key: AwsKey;
  readonly botToken: string;
  readonly signingSecret: string;
  readonly webhookSecret: string;
  readonly documents: ReadonlyMap<string, LocalDocument>;
  readonly alarmName: string;
  readonly instanceIds: readonly string[];
}

/**
 * The environment that the stack would give the functions, with the SDK's endpoint variables pointing at this machine.
 * `changes` overrides single variables, for tests.
 */
export function handlerEnvironment(
  local: LocalAddresses,
  changes: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: local.key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: local.key.secretAccessKey,
    AWS_ENDPOINT_URL: local.elsewhereUrl,
    AWS_ENDPOINT_URL_SSM: local.ssmUrl,
    AWS_ENDPOINT_URL_DYNAMODB: local.dynamoUrl,
    // Tells their requests from those of whoever looks on.
    AWS_SDK_UA_APP_ID: FUNCTIONS,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    MEDIC_TABLE: local.table,
    MEDIC_EVIDENCE: pathToFileURL(join(local.workDir, 'evidence')).href,
    MEDIC_PAGES_URL: new URL('/pages/', local.slackApiUrl).href,
    MEDIC_INCIDENT_FUNCTION: `medic-incident:${ALIAS}`,
    MEDIC_REMEDIATE_FUNCTION: `medic-remediate:${ALIAS}`,
    MEDIC_INTAKE_FUNCTION: `medic-intake:${ALIAS}`,
    MEDIC_RESOLVE_FUNCTION: `medic-resolve:${ALIAS}`,
    MEDIC_NODE_LOOKUPS: 'ssm',
    ...documentVariables(local.documents),
    MEDIC_SLACK_CHANNEL: CHANNEL.id,
    MEDIC_SLACK_BOT_TOKEN: local.botToken,
    MEDIC_SLACK_SIGNING_SECRET: local.signingSecret,
    MEDIC_WEBHOOK_SECRET: local.webhookSecret,
    MEDIC_SLACK_API_URL: local.slackApiUrl,
    MEDIC_SLACK_TEAM: TEAM.id,
    MEDIC_APPROVERS: APPROVER.id,
    MEDIC_NODE_TAGS: nodeTagsText(DEMO_NODE_TAGS),
    MEDIC_ALARM_TARGETS: JSON.stringify([
      { alarm: local.alarmName, instanceIds: local.instanceIds, group: DEMO_GROUP },
    ]),
    MEDIC_PROBE_SECONDS: '2',
    MEDIC_SAMPLE_SECONDS: '3',
    MEDIC_COMMAND_POLL_SECONDS: '1',
    MEDIC_SETTLE_SECONDS: '2',
    MEDIC_DRIFT_SECONDS: '30',
    ...changes,
  };
}

function documentVariables(documents: ReadonlyMap<string, LocalDocument>): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const kind of ['collect', 'probe', 'trace', 'raise', 'settings', 'delete-udp-entry', 'rollback']) {
    const document = documents.get(`medic-${kind}`);
    if (document === undefined)
      throw new Error(`Document medic-${kind} is not in dist/documents: run npm run build.`);
    const prefix = `MEDIC_${kind.toUpperCase().replaceAll('-', '_')}_DOCUMENT`;
    variables[prefix] = document.name;
    variables[`${prefix}_HASH`] = document.sha256;
  }
  return variables;
}
