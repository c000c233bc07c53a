import { fileURLToPath, pathToFileURL } from 'node:url';
import type { LocalServer } from '../../../local/http-server.ts';
import { startSsmEndpoint } from '../../../local/ssm/endpoint.ts';
import type { LocalNode } from '../../../local/ssm/local-node.ts';
import { readAlarmEvent } from '../../../src/adapters/alarm/alarm-event.ts';
import type { LatencyShape } from '../../../src/core/record/latency/shape.ts';
import type { ResolvedNodes } from '../../../src/core/resolve/resolve-nodes.ts';
import { MOTO, MOTO_ACCOUNT } from './moto.ts';

const BUNDLE = fileURLToPath(new URL('../../../dist/lambdas/resolve.mjs', import.meta.url));
export const REGION = 'eu-central-1';
/** When each alarm changed its state, in milliseconds since the Unix epoch. */
export const FIRED_AT = Date.parse('2026-11-23T14:02:11.000Z');
let loads = 0;

/** What the function answers. */
export type Resolved = ResolvedNodes & { readonly latency?: LatencyShape };

/** The agent's side of an instance: moto has no Systems Manager inventory, so the local endpoint tells what is managed. */
const managed = (instanceId: string, ping: 'Online' | 'ConnectionLost'): LocalNode => ({
  instanceId,
  tags: {},
  platform: { name: 'Amazon Linux', version: '2023', agentVersion: '3.3.3572.0' },
  ping: () => ping,
  run: () => Promise.reject(new Error('This test sends nothing.')),
});

/** Starts the endpoint for the instances that have an agent. It takes any key: those of a spoke's role are known to STS alone. */
export async function startInventory(
  online: readonly string[],
  offline: readonly string[] = [],
): Promise<LocalServer> {
  const nodes = [
    ...online.map((id) => managed(id, 'Online')),
    ...offline.map((id) => managed(id, 'ConnectionLost')),
  ];
  return await startSsmEndpoint({ key: undefined, documents: new Map(), nodes });
}

/** Loads the built resolve function as Lambda would, pointed at moto, and returns a way to ask it about an alarm. */
export async function loadResolve(
  inventory: LocalServer,
  variables: Readonly<Record<string, string>> = {},
): Promise<(name: string, account?: string) => Promise<Resolved>> {
  Object.assign(process.env, {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL: MOTO ?? '',
    AWS_ENDPOINT_URL_SSM: inventory.url,
    ...variables,
  });
  loads += 1;
  const { handler } = (await import(`${pathToFileURL(BUNDLE).href}?load=${loads}`)) as {
    handler: (event: unknown, context: object) => Promise<Resolved>;
  };
  const invokedFunctionArn = `arn:aws:lambda:${REGION}:${MOTO_ACCOUNT}:function:medic-resolve:live`;
  return async (name, account = MOTO_ACCOUNT) =>
    await handler({ alarm: readAlarmEvent(firing(name, account)) }, { invokedFunctionArn });
}

/** The event of an alarm that fires, with nothing in it that would say what the alarm is about. */
function firing(name: string, account: string): object {
  return {
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    resources: [`arn:aws:cloudwatch:${REGION}:${account}:alarm:${name}`],
    detail: {
      alarmName: name,
      state: {
        value: 'ALARM',
        reason: 'Threshold Crossed',
        timestamp: new Date(FIRED_AT).toISOString().replace('Z', '+0000'),
      },
      configuration: {},
    },
  };
}
