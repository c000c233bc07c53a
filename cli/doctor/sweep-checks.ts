import { SeriesUnreadableError } from '../../src/adapters/errors.ts';
import { FoundNodes } from '../../src/adapters/lookups/swept-nodes.ts';
import { openSeries } from '../../src/adapters/series/open-series.ts';
import { sightOfSamples } from '../../src/core/fleet/sampled.ts';
import { unseenWords } from '../../src/core/fleet/table.ts';
import type { StoredSweep, SweptNode } from '../../src/core/sweep/found.ts';
import type { PrometheusSource, SeriesSource } from '../../src/core/sweep/source.ts';
import { ago, nodeCount, withoutStop } from '../../src/core/words.ts';
import { isUnable } from '../failure.ts';
import { attempt, bad, type Check, good, lineOf, listOf, type Question } from './check.ts';
import type { Deployment, SweepDeployment } from './deployment.ts';

/** Sweeps that may be missing before the doctor says so: one that runs, and one that another one was in the way of. */
const MISSED_MOST = 3;
const READ_LOG =
  'Read the log of the function that sweeps (conntrack-medic, SweepErrors on the dashboard), and put right what it names.';

/** What the newest sweep left and, where its samples come from series of others, whether these can be read from here. */
export async function sweepChecks(deployment: Deployment): Promise<readonly Check[]> {
  const { sweep } = deployment;
  if (sweep === undefined) return [];
  const { source } = sweep;
  const isAskedFromHere = source.kind !== 'ssm' && !isOfFunctionAlone(source);
  return [...(await newestCheck(sweep)), ...(isAskedFromHere ? await sourceChecks(deployment, source) : [])];
}

/** A Prometheus that only the function reaches, from its VPC or as a role that lets nobody else in. */
const isOfFunctionAlone = (source: SeriesSource): boolean =>
  source.kind === 'prometheus' &&
  (source.vpc !== undefined || (source.auth.kind === 'sigv4' && source.auth.role !== undefined));

async function newestCheck({ newest, everyMinutes, source }: SweepDeployment): Promise<readonly Check[]> {
  return await attempt(
    {
      id: 'sweep',
      service: 'DynamoDB',
      unknown: 'what the newest sweep over the fleet has seen',
      refused: 'What the newest sweep over the fleet left could not be read',
      fix: 'Look at what DynamoDB says about the table of the stack.',
      permission: 'dynamodb:Query on the table of the records',
    },
    async () => [judgedNewest(await newest(), everyMinutes, source.kind, Date.now())],
  );
}

function judgedNewest(
  newest: StoredSweep | undefined,
  everyMinutes: number,
  kind: SweepDeployment['source']['kind'],
  now: number,
): Check {
  if (newest === undefined)
    return bad(
      'sweep',
      'No sweep over the fleet has left anything yet.',
      `Where the stack is older than ${everyMinutes} minutes: ${READ_LOG.charAt(0).toLowerCase()}${READ_LOG.slice(1)}`,
    );
  const age = Math.max(0, (now - newest.startedAt) / 1_000);
  const began = `The newest sweep over the fleet began ${ago(age)} ago`;
  if (age > MISSED_MOST * everyMinutes * 60)
    return bad('sweep', `${began}, and one is due every ${everyMinutes} minutes.`, READ_LOG);
  if (newest.fault !== undefined)
    return bad('sweep', `${began} and did not get all samples: ${withoutStop(newest.fault)}.`, READ_LOG);
  const { nodes, unseen } = newest.report;
  // What lacks the tag may be no node at all; the lines on clusters name those that are.
  const away = unseenWords(unseen && { ...unseen, untagged: 0 });
  const total = nodeCount(nodes.length);
  if (away === '') return good('sweep', `${began} and saw ${total} of ${total}.`);
  return bad(
    'sweep',
    `${began}, and of ${total} it did not see: ${away}.`,
    kind === 'ssm'
      ? 'See medic fleet for which ones; docs/operations.md says of each reason what to do.'
      : `${fixOfNone[kind]} See medic fleet for which ones.`,
  );
}

/** What to do where a source that answers has nothing of a node. */
const fixOfNone = {
  prometheus:
    'Look whether node_exporter runs on them with its collector conntrack and hostNetwork, and at labels, nodeLabel and tenant of sweep.source (docs/fleet.md).',
  'cloudwatch-agent':
    'Put conntrack_allowance_exceeded and conntrack_allowance_available into the section ethtool of the agent’s configuration, with InstanceId in append_dimensions, and look at namespace of sweep.source (docs/fleet.md).',
} as const satisfies Record<SeriesSource['kind'], string>;

/** Reads the series as the sweep does, with the credentials of whoever calls. */
async function sourceChecks(
  { ssm, nodeTags, instances }: Deployment,
  source: SeriesSource,
): Promise<readonly Check[]> {
  let nodes: readonly SweptNode[] = [];
  const listing: Question = {
    id: 'sweep-source',
    service: 'Systems Manager',
    unknown: 'whether the samples of a sweep can be read',
    refused: 'The nodes could not be listed',
    fix: 'Put the lines on nodes right first.',
    permission: 'ssm:DescribeInstanceInformation and ec2:DescribeInstances',
  };
  const unlisted = await attempt(listing, async () => {
    ({ nodes } = await new FoundNodes(ssm, nodeTags, instances).list());
    return [];
  });
  if (unlisted.length > 0) return unlisted;
  const name = nameOf(source);
  const question: Question = {
    id: 'sweep-source',
    service: name,
    unknown: 'whether it has samples of the nodes',
    refused: `${name} could not be asked`,
    fix: 'Look at what it says, and at sweep.source in the configuration.',
    permission: rightsFor(source),
  };
  return await attempt(question, async () => {
    try {
      return [await seriesCheck(source, nodes, ssm)];
    } catch (error) {
      if (error instanceof SeriesUnreadableError) return [unreadLine(error, question, source)];
      throw error;
    }
  });
}

const nameOf = (source: SeriesSource): string =>
  source.kind === 'prometheus'
    ? `The Prometheus at ${new URL(source.url).host}`
    : `CloudWatch’s namespace ${source.namespace}`;

function rightsFor(source: SeriesSource): string {
  if (source.kind === 'cloudwatch-agent') return 'cloudwatch:ListMetrics and cloudwatch:GetMetricData';
  const { auth } = source;
  return 'secretName' in auth ? `secretsmanager:GetSecretValue for ${auth.secretName}` : 'aps:QueryMetrics';
}

async function seriesCheck(
  source: SeriesSource,
  nodes: readonly SweptNode[],
  { config }: Deployment['ssm'],
): Promise<Check> {
  const clock = { now: () => Date.now() };
  const series = openSeries(source, { config, clock, log: () => {}, pause: async () => {} });
  const now = clock.now();
  const sampled = await series.read(nodes, now);
  const isSeen = ({ instanceId }: SweptNode): boolean => {
    const samples = sampled.get(instanceId);
    return samples !== undefined && sightOfSamples(samples, now).reading !== undefined;
  };
  const name = nameOf(source);
  const all = nodeCount(nodes.length);
  const without = nodes.filter((node) => !isSeen(node)).map(({ instanceId }) => instanceId);
  if (nodes.length > 0 && without.length === 0)
    return good('sweep-source', `${name} has samples of the last minutes of ${all} of ${all}.`);
  const fix = nodes.length === 0 ? 'Put the lines on nodes right first.' : fixOfNone[source.kind];
  if (without.length === nodes.length)
    return bad(
      'sweep-source',
      `${name} answers, and has no sample of the last minutes that is certainly of one of ${all}.`,
      fix,
    );
  return bad(
    'sweep-source',
    `${name} has samples of the last minutes of ${nodes.length - without.length} of ${all}, and none that is certainly of ${listOf(without)}.`,
    fix,
  );
}

/** What did not come to an answer is said of that; what was answered, of the answer. */
function unreadLine(error: SeriesUnreadableError, question: Question, source: SeriesSource): Check {
  if (error.cause !== undefined) return lineOf(question, error.cause);
  const [what = ''] = error.message.split(';');
  if (error.status !== undefined && isUnable(error.status))
    return {
      id: question.id,
      ok: undefined,
      what: `${what}, so ${question.unknown} is not known.`,
      fix: 'Run the doctor again in a minute; where it stays so, look whether it has trouble of its own.',
    };
  return bad(
    question.id,
    `${what}.`,
    source.kind === 'prometheus' ? fixFor(source, error.status) : question.fix,
  );
}

function fixFor({ auth, url }: PrometheusSource, status: number | undefined): string {
  if (status === 404)
    return `Give as url what comes before /api/v1/query, which ${url} is not; of Mimir and Cortex that ends in /prometheus.`;
  if (status !== 401 && status !== 403)
    return 'Compare url, labels and tenant of sweep.source with what the Prometheus says; docs/fleet.md has what each means.';
  switch (auth.kind) {
    case 'none':
      return 'It asks who is there: give auth, or tenant where it has the series of several, in sweep.source of the configuration, and deploy.';
    case 'bearer':
    case 'basic':
      return `Put a login that it takes into the secret ${auth.secretName}; the function reads it anew within ten minutes.`;
    case 'sigv4':
      return 'Your credentials need aps:QueryMetrics on this workspace to look at it; the function has the right for its own.';
  }
}
