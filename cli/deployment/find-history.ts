import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { STACK_NAME } from '../../cdk/stack-name.mjs';
import type { DemoEndpoints } from '../../local/demo/endpoints.ts';
import { dynamoClient } from '../../src/adapters/dynamo/client.ts';
import { DynamoIncidentStore } from '../../src/adapters/dynamo/incident-store.ts';
import { ForeignItemError, NewerItemError } from '../../src/adapters/errors.ts';
import type { IncidentHistory } from '../../src/core/record/incident.ts';
import { InputError, NotReachedError } from '../errors.ts';
import { reasonOf } from '../failure.ts';
import { listed, runningDemo, runningDemos } from './running-demo.ts';
import { stackOutputs } from './stack-outputs.ts';

/** Where the incident records are. */
export interface RecordsOptions {
  readonly local?: true;
  readonly demo?: string;
  readonly table?: string;
  readonly stack?: string;
  readonly region?: string;
}

/** The record of an incident, and the demo that it was found in where it is one of a demo. */
export interface FoundHistory {
  readonly history: IncidentHistory;
  readonly demo?: DemoEndpoints;
}

/**
 * Reads everything that was stored of an incident.
 * @throws InputError when there is no such incident; NotReachedError when the records could not be read
 */
export async function findHistory(incident: string, options: RecordsOptions): Promise<FoundHistory> {
  if (!/^[a-z0-9-]{8,64}$/.test(incident))
    throw new InputError(`"${incident}" is no incident id; copy it from the foot of the card.`);
  return options.local === true
    ? await historyOfDemo(incident, options.demo)
    : { history: await historyIn(incident, await records(options)) };
}

/** A table with the records, and a client for it. */
export interface Records {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** What the call says counts more than the environment, and the environment more than the usual stack. */
async function records(options: RecordsOptions): Promise<Records> {
  const { region } = options;
  const client = dynamoClient(region === undefined ? {} : { region });
  const table = options.table ?? (options.stack === undefined ? process.env['MEDIC_TABLE'] : undefined);
  if (table !== undefined) return { client, table };
  const place = { stack: options.stack ?? STACK_NAME, region };
  return { client, table: (await stackOutputs(place, ['IncidentTable'])).IncidentTable };
}

/** Where the records of a deployment are, or of the demo that is meant. */
export async function recordsAt(options: RecordsOptions): Promise<Records> {
  return options.local === true ? recordsOf(await runningDemo(options.demo)) : await records(options);
}

/** The id of an incident tells which of the demos that run is meant. */
async function historyOfDemo(incident: string, page: string | undefined): Promise<FoundHistory> {
  const demos = await runningDemos(page);
  const found = await Promise.allSettled(demos.map((demo) => readHistory(incident, recordsOf(demo))));
  for (const [index, one] of found.entries()) {
    const demo = demos[index];
    if (one.status === 'fulfilled' && one.value !== undefined && demo !== undefined)
      return { history: one.value, demo };
  }
  for (const one of found) if (one.status === 'rejected') throw one.reason;
  throw new InputError(
    demos.length === 1
      ? `There is no incident ${incident} in the demo that runs; look at the id on the card.`
      : `There is no incident ${incident} in any of the demos that run, ${listed(demos)}; look at the id on the card.`,
  );
}

function recordsOf({ region, dynamo: endpoint, table, credentials }: DemoEndpoints): Records {
  return { client: dynamoClient({ region, endpoint, credentials }), table };
}

async function historyIn(incident: string, from: Records): Promise<IncidentHistory> {
  const history = await readHistory(incident, from);
  if (history === undefined)
    throw new InputError(`There is no incident ${incident} in ${from.table}; look at the id on the card.`);
  return history;
}

async function readHistory(
  incident: string,
  { client, table }: Records,
): Promise<IncidentHistory | undefined> {
  const store = new DynamoIncidentStore(client, table, { nodeLockSeconds: 0 });
  return await store.history(incident).catch((cause: unknown) => {
    // It was read, and is of another version: its sentence says what to do.
    if (cause instanceof NewerItemError || cause instanceof ForeignItemError) throw cause;
    throw new NotReachedError(
      `The table ${table} could not be read (${reasonOf(cause)}); look at the credentials, --table and --region.`,
      { cause },
    );
  });
}
