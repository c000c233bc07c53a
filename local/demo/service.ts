import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PAGES_FOLDER } from '../../src/core/page/pages-folder.ts';
import type { IncidentStore } from '../../src/core/ports.ts';
import { allowCompressed, newAwsKey } from '../aws-key.ts';
import { DEMO_NODE_TAGS, type DemoNodes } from '../demo-nodes.ts';
import { startDynamo } from '../dynamo.ts';
import { startElsewhere } from '../elsewhere.ts';
import type { Throttled } from '../lambda-host/lambda-endpoint.ts';
import { startLambdaHost } from '../lambda-host/start.ts';
import type { Guide } from '../slack/guide.ts';
import { APPROVER, CHANNEL, TEAM } from '../slack/people.ts';
import { type LocalSlack, startSlack } from '../slack/server.ts';
import { type LocalDocument, loadDocuments } from '../ssm/documents.ts';
import { type FaultOf, startSsmEndpoint } from '../ssm/endpoint.ts';
import type { DocumentName } from '../ssm/local-node.ts';
import { alarmArn, alarmEvent, REGION } from './alarm-event.ts';
import { type DemoEndpoints, removeEndpoints, writeEndpoints } from './endpoints.ts';
import { FUNCTIONS, handlerEnvironment } from './handler-environment.ts';
import { invoker } from './invoker.ts';
import { openTable } from './table.ts';

/** As nodes/documents.ts names them. */
const DOCUMENT_NAMES = {
  collect: 'medic-collect',
  probe: 'medic-probe',
  trace: 'medic-trace',
  raise: 'medic-raise',
  settings: 'medic-settings',
  deleteUdpEntry: 'medic-delete-udp-entry',
  rollback: 'medic-rollback',
} as const satisfies Record<string, DocumentName>;

/** Name of the page of the dashboard, in the form of those of incidents. */
const DASHBOARD = createHash('sha256').update('the dashboard of the fleet').digest('hex');

const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url));
const DIST = join(CHECKOUT, 'dist/');

/** How the service is started. */
export interface ServiceOptions {
  readonly nodes: DemoNodes;
  readonly workDir: string;
  /** Port of the page; 0 takes any free one. */
  readonly port: number;
  /** Overrides of single variables of the handlers' environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** How long a second of a document's time limit takes in Systems Manager, in milliseconds; 1000 unless told. */
  readonly secondMs?: number;
  /** How long a second of a wait of the workflow takes, in milliseconds; 1000 unless told. */
  readonly waitSecondMs?: number;
  /** How long Slack waits for the app to answer a click, in milliseconds; three seconds unless told. */
  readonly slackPatienceMs?: number;
  /** How long a second of Slack's limits on messages takes, in milliseconds; 1000 unless told. */
  readonly slackSecondMs?: number;
  /** How often the schedule runs the reconciler, in seconds; every minute unless told, and 0 leaves it to `reconcile`. */
  readonly reconcileSeconds?: number;
  /** Told of invocations that failed with nobody waiting for them. */
  readonly onFailure: (why: string) => void;
  /** What leads through a demo on the page; without it the page shows the channel alone. */
  readonly guide?: Guide;
}

/** What can be made to fail while the service runs; only what the functions ask for fails. */
export interface Faults {
  /** Names the calls of the table for which it is away, such as `PutItem`; without it none. */
  store: ((operation: string) => boolean) | undefined;
  /** What goes wrong with calls of Systems Manager; without it nothing. */
  commands: FaultOf | undefined;
  /** Names the calls of Slack's Web API for which it is away, by method, such as `chat.update`, and arguments; without it none. */
  slack: ((method: string, fields: Readonly<Record<string, string>>) => boolean) | undefined;
  /** Has Lambda turn calls of this kind away from now on, or with nothing none. */
  throttle(what: Throttled | undefined): Promise<void>;
}

/** Functions with the documents whose hashes they pin. */
export interface Build {
  /** Folder with the built `*.mjs`; another one for each build. */
  readonly bundles: string;
  readonly documents: ReadonlyMap<string, LocalDocument>;
}

/** The whole product on this machine. */
export interface LocalService {
  readonly slack: LocalSlack;
  readonly store: IncidentStore;
  /** Function URL of the Slack handler. */
  readonly slackUrl: string;
  readonly signingSecret: string;
  readonly alarmArn: string;
  /** What the functions have as environment: with it, a command on this machine reaches the same endpoints and table. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where its parts are, as it is written into the work folder. */
  readonly endpoints: DemoEndpoints;
  /** Sends the state change of the demo's alarm to the intake, as EventBridge does. */
  fire(state: 'ALARM' | 'OK', at?: number): Promise<void>;
  readonly faults: Faults;
  /** Runs the reconciler once, as its schedule does; returns what it did. */
  reconcile(): Promise<unknown>;
  /**
   * Runs the sweep over the fleet once, as its schedule does; returns what it came to.
   * @param behindMs how far its clock is behind, in milliseconds, where the day of the nodes is compressed; 0 unless told
   */
  sweep(behindMs?: number): Promise<unknown>;
  /** Has what was read of the nodes so far count for nothing, as after hours. */
  outdate(): Promise<void>;
  /** File that the functions print into. */
  readonly log: string;
  /** The page of the fleet's dashboard: its address, and the file that it is shown from. */
  readonly dashboard: { readonly url: string; readonly file: string };
  /** Sends any event to the intake, as an asynchronous invocation. */
  send(event: object): Promise<void>;
  /**
   * Puts the functions of another build in the place of those that run, which go on with what they have begun; registering
   * its documents is Systems Manager's.
   */
  deploy(build: Build): Promise<void>;
  /**
   * Calls `listener` with the id of an incident, and the key of that part of its record, whenever something of it was stored.
   * @returns a function that ends the subscription
   */
  subscribe(listener: (incidentId: string, part: string) => void): () => void;
  close(): Promise<void>;
}

/**
 * Starts everything but the nodes. What is started is stopped again when a later part fails.
 * @throws one sentence on the part that did not start
 */
export async function startService(options: ServiceOptions): Promise<LocalService> {
  const { nodes, workDir } = options;
  const stops: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const stop of stops.splice(0).toReversed()) await stop();
  };
  try {
    const documents = await loadDocuments(join(DIST, 'documents'));
    const key = newAwsKey();
    const away: Pick<Faults, 'store' | 'slack' | 'commands'> = {
      store: undefined,
      slack: undefined,
      commands: undefined,
    };
    const ssm = await startSsmEndpoint({
      key,
      documents,
      nodes: nodes.nodes,
      reachable: DEMO_NODE_TAGS,
      faultOf: (operation, body) => away.commands?.(operation, body),
      ...(options.secondMs !== undefined && { secondMs: options.secondMs }),
    });
    stops.push(() => ssm.close());
    const dynamo = await startDynamo(
      key,
      ({ headers }) =>
        String(headers['user-agent']).includes(FUNCTIONS) &&
        away.store?.(String(headers['x-amz-target']).replace(/^.*\./, '')) === true,
    );
    stops.push(() => dynamo.close());
    const elsewhere = await startElsewhere();
    stops.push(() => elsewhere.close());
    const { table, store, readings } = await openTable(dynamo.url, key);
    const botToken = `xoxb-local-${randomBytes(12).toString('hex')}`;
    const signingSecret = randomBytes(16).toString('hex');
    const webhookSecret = randomBytes(16).toString('hex');
    let slackUrl: string | undefined;
    const labels = { nodes: nodes.label };
    const slack = await startSlack({
      botToken,
      signingSecret,
      interactivityUrl: () => slackUrl,
      labels,
      guide: options.guide,
      port: options.port,
      pages: join(workDir, 'evidence', PAGES_FOLDER),
      isAway: (method, fields) => away.slack?.(method, fields) === true,
      ...(options.slackSecondMs !== undefined && { secondMs: options.slackSecondMs }),
      ...(options.slackPatienceMs !== undefined && { patienceMs: options.slackPatienceMs }),
    });
    stops.push(() => slack.close());
    const environmentFor = (sent: ReadonlyMap<string, LocalDocument>) =>
      handlerEnvironment(
        {
          workDir,
          table,
          documents: sent,
          key,
          botToken,
          signingSecret,
          webhookSecret,
          ssmUrl: ssm.url,
          dynamoUrl: dynamo.url,
          elsewhereUrl: elsewhere.url,
          slackApiUrl: slack.apiUrl,
          alarmName: nodes.alarm.name,
          instanceIds: nodes.nodes.map(({ instanceId }) => instanceId),
        },
        {
          ...(options.slackSecondMs !== undefined && {
            MEDIC_SLACK_MESSAGE_MS: String(options.slackSecondMs),
          }),
          ...options.environment,
        },
      );
    const environment = environmentFor(documents);
    const log = join(workDir, 'lambda.log');
    const host = await startLambdaHost({
      bundles: join(DIST, 'lambdas'),
      environment,
      ...(options.waitSecondMs !== undefined && { waitSecondMs: options.waitSecondMs }),
      logFile: log,
      onFailure: (name, why) => options.onFailure(`${name}: ${why}`),
    });
    stops.push(() => host.close());
    slackUrl = host.slackUrl;
    const { send, run } = invoker(host.lambdaUrl, key);
    const fire = (state: 'ALARM' | 'OK', at: number = Date.now()) =>
      send(alarmEvent({ ...nodes.alarm, state, at }));
    const reconcile = () => run('medic-reconcile');
    stops.push(startSchedule(options, reconcile));
    const endpoints: DemoEndpoints = {
      schema: 'medic.demo/1',
      checkout: CHECKOUT,
      region: REGION,
      ssm: ssm.url,
      dynamo: dynamo.url,
      lambda: host.lambdaUrl,
      slackApi: slack.apiUrl,
      slackPage: `${slack.url}/`,
      slackRequest: slackUrl,
      webhook: host.webhookUrl,
      table,
      evidence: join(workDir, 'evidence'),
      documents: DOCUMENT_NAMES,
      channel: CHANNEL.id,
      team: TEAM.id,
      approvers: [APPROVER.id],
      credentials: key,
      botToken,
      signingSecret,
      webhookSecret,
    };
    await writeEndpoints(workDir, endpoints);
    stops.push(() => removeEndpoints(workDir));
    return {
      slack,
      store,
      slackUrl,
      signingSecret,
      alarmArn: alarmArn(nodes.alarm.name),
      environment,
      faults: Object.assign(away, { throttle: (what?: Throttled) => host.throttle(what) }),
      endpoints,
      fire,
      send,
      deploy: (build) => host.deploy(build.bundles, environmentFor(build.documents)),
      subscribe: (listener) => dynamo.subscribe(listener),
      reconcile,
      outdate: async () => {
        for (const { instanceId } of nodes.nodes) await readings.outdate(instanceId);
      },
      log,
      dashboard: {
        url: new URL(`/pages/${DASHBOARD}`, slack.url).href,
        file: join(workDir, 'evidence', PAGES_FOLDER, `${DASHBOARD}.html`),
      },
      sweep: (behindMs = 0) => {
        if (behindMs > 0) allowCompressed(behindMs);
        return run('medic-sweep', behindMs);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @returns what ends the schedule */
function startSchedule(
  { reconcileSeconds = 60, onFailure }: ServiceOptions,
  reconcile: () => Promise<unknown>,
): () => Promise<void> {
  if (reconcileSeconds === 0) return async () => {};
  let isOver = false;
  const run = () => {
    reconcile().catch((error: unknown) => {
      // One that is under way when the service closes loses whom it asks, and nobody has anything to do about it.
      if (!isOver) onFailure(String(error));
    });
  };
  const timer = setInterval(run, reconcileSeconds * 1000).unref();
  return async () => {
    isOver = true;
    clearInterval(timer);
  };
}
