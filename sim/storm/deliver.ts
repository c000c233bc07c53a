import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { LocalService } from '../../local/demo/service.ts';
import { messageOf } from '../../src/core/errors.ts';
import { type Delivery, eventOf } from './events.ts';

/** Lambda hands an event whose function failed over twice more: after a minute and after two, here after seconds. */
const AGAIN_MS = [3000, 6000];
/** Deliveries that are run at the same time: one process plays Lambda here, and more would only wait for each other in it. */
const AT_ONCE = 30;
/** Alarms that are OK and fire once more when the storm is over. */
const CALM_ALARMS = 20;

/** Delivers everything at its time, as EventBridge and Lambda do: beside each other, and again where a function failed. */
export async function deliverAll(
  service: LocalService,
  deliveries: readonly Delivery[],
  began: number,
): Promise<{ queued: number[]; busy: number[]; delayed: number; givenUp: number }> {
  const { client, invoke } = openIntake(service, began);
  const [queued, busy]: [number[], number[]] = [[], []];
  let [delayed, givenUp, next] = [0, 0, 0];
  const deliver = async (delivery: Delivery): Promise<void> => {
    await sleep(Math.max(0, began + delivery.arrives - Date.now()));
    const sent = Date.now();
    queued.push(sent - began - delivery.arrives);
    let isDone = await invoke(delivery);
    busy.push(Date.now() - sent);
    if (!isDone) delayed += 1;
    for (const pause of AGAIN_MS) {
      if (isDone) break;
      await sleep(pause);
      isDone = await invoke(delivery);
    }
    if (!isDone) givenUp += 1;
  };
  const work = async (): Promise<void> => {
    for (let one = deliveries[next++]; one !== undefined; one = deliveries[next++]) await deliver(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  client.destroy();
  return { queued, busy, delayed, givenUp };
}

/** Has alarms of the storm be OK and fire once more, one word after the other. @returns milliseconds of each */
export async function deliverCalmly(
  service: LocalService,
  deliveries: readonly Delivery[],
  began: number,
): Promise<readonly number[]> {
  const { client, invoke } = openIntake(service, began);
  const times: number[] = [];
  const alarms = [...new Set(deliveries.map(({ alarm }) => alarm))].slice(0, CALM_ALARMS);
  for (const alarm of alarms)
    for (const state of ['OK', 'ALARM'] as const) {
      const sent = Date.now();
      await invoke({ alarm, state, at: sent - began, arrives: sent - began });
      times.push(Date.now() - sent);
    }
  client.destroy();
  return times;
}

/** The intake, as EventBridge invokes it. */
function openIntake({ endpoints }: LocalService, began: number) {
  const { lambda: endpoint, region, credentials } = endpoints;
  // The machine has more to do than to take a connection at once, as AWS would.
  const requestHandler = { connectionTimeout: 60_000, requestTimeout: 280_000 };
  const client = new LambdaClient({ endpoint, region, credentials: { ...credentials }, requestHandler });
  const invoke = async (delivery: Delivery): Promise<boolean> => {
    const Payload = JSON.stringify(eventOf(delivery, began));
    try {
      const { FunctionError } = await client.send(
        new InvokeCommand({ FunctionName: 'medic-intake:live', Payload }),
      );
      return FunctionError === undefined;
    } catch (error) {
      console.error(`A delivery was not taken: ${messageOf(error)}`);
      return false;
    }
  };
  return { client, invoke };
}
