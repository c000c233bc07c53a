import type { Context } from 'aws-lambda';
import { catalogue } from '../runbooks/index.ts';
import { webhookHandler } from '../src/adapters/webhook/webhook-handler.ts';
import { receiveAlarm } from '../src/core/incident/receive-alarm.ts';
import { withTraceLink } from '../src/core/incident/trace-link.ts';
import type { SignedRequest } from '../src/slack/verify-request.ts';
import { readEnvironment } from './environment.ts';
import { homeOf } from './home.ts';
import { log } from './log.ts';
import { openIntakePorts, openSlackSecrets } from './wiring.ts';

const { MEDIC_TRACE_LINK: traces } = readEnvironment('MEDIC_TRACE_LINK');
const ports = openIntakePorts(catalogue);
const handle = webhookHandler({
  secrets: openSlackSecrets(),
  receive: async (alarm) => {
    const outcome = await receiveAlarm(ports, withTraceLink(alarm, traces));
    log('alarm-received', { alarm: alarm.name, state: alarm.state, outcome });
    return outcome;
  },
  log,
});

/** Takes alerts of Alertmanager, Grafana and SkyWalking: checks the shared secret, then opens, counts or closes incidents. */
export async function handler(
  event: SignedRequest,
  { invokedFunctionArn }: Pick<Context, 'invokedFunctionArn'>,
) {
  return await handle(event, homeOf(invokedFunctionArn));
}
