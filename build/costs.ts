import { FLEET_METRICS } from '../src/core/sweep/metric-names.ts';

/**
 * List prices in US dollars. Durable functions, Lambda on arm64, DynamoDB on demand, S3 Standard and CloudWatch in us-east-1;
 * other regions differ by some tenths. Free tiers are left out.
 */
export const PRICES = {
  durableOperation: 8 / 1e6,
  durableGigabyteWritten: 0.25,
  durableGigabyteMonth: 0.15,
  lambdaRequest: 0.2 / 1e6,
  lambdaGigabyteSecond: 0.0000133334,
  tableWriteUnit: 0.625 / 1e6,
  tableReadUnit: 0.125 / 1e6,
  objectPut: 5 / 1e6,
  objectGigabyteMonth: 0.023,
  tableGigabyteMonth: 0.25,
  metricMonth: 0.3,
  alarmMonth: 0.1,
  dashboardMonth: 3,
  secretMonth: 0.4,
  metricAskedFor: 0.01 / 1_000,
  cloudWatchRequest: 0.01 / 1_000,
  prometheusSample: 0.1 / 1e9,
} as const;

/** Memory of every function (cdk/service-function.ts). */
const MEMORY_GIGABYTES = 0.5;
/** How long the durable runtime keeps a history (cdk/conntrack-medic.ts). */
const HISTORY_MONTHS = 1;
const BYTES_PER_GIGABYTE = 1e9;
/** The schedule of the reconciler, every minute of a month of 730 hours, and its compute where nothing is open. */
const RUNS = 730 * 60;
const SECONDS_PER_RUN = 0.3;
/** What a write unit and a read unit of DynamoDB reach to (DynamoDB developer guide, "Read and write operations"). */
const WRITE_UNIT_BYTES = 1024;
const READ_UNIT_BYTES = 4096;

/** Numbers that each node group has in CloudWatch. */
const METRICS_OF_A_GROUP = FLEET_METRICS.length;

/** Durable operations of an incident whose nodes are all changed after one was verified, by its stages, polls not counted. */
export const OPERATIONS = {
  'from the alarm to the card and its click': 12,
  'first node changed and verified': 12,
  'other nodes changed and verified': 16,
  'end, and the look after fifteen minutes': 12,
} as const;

/** Waits for nodes that poll: four collections, and the progress of the second change. */
const POLLING_WAITS = 5;
/** Invocations of the incident function that are no poll: its start, the click, two changes, two settles and the later look. */
const RESUMES = 7;
const CHANGES = 2;
/** Collections of every node: for the plan and after fifteen minutes; and one that verifies its change. */
const COLLECTIONS_PER_NODE = 3;

/** What an incident is taken to be like. */
export interface IncidentAssumptions {
  readonly nodes: number;
  /** Looks at Systems Manager, every five seconds, until all nodes have answered one command. */
  readonly pollsPerWait: number;
  /** Compute of one invocation that does not wait for nodes. */
  readonly secondsPerInvocation: number;
  /** Compute of one change; the remediate function waits while its command runs. */
  readonly secondsPerChange: number;
  /** Raw text of a node, as stored in S3. */
  readonly captureBytes: number;
  /** Item of one collection of one node in the table. */
  readonly collectionBytes: number;
  /** Item of the incident's head, which every step reads and most write. */
  readonly headBytes: number;
  /** What the durable runtime is given to keep. */
  readonly historyBytes: number;
  readonly evidenceMonths: number;
}

/** One line of a bill. */
export interface Cost {
  readonly what: string;
  readonly quantity: number;
  readonly unit: string;
  readonly dollars: number;
}

/** The small item that keeps others from asking a node at once is written when it is claimed and when its command is known. */
const READING_WRITES = 2;

/** What one incident costs, line by line. Systems Manager does not charge for Run Command on EC2 instances. */
export function incidentCosts(assumed: IncidentAssumptions): readonly Cost[] {
  const { nodes, pollsPerWait, secondsPerInvocation, secondsPerChange } = assumed;
  const steps = Object.values(OPERATIONS).reduce((sum, count) => sum + count, 0);
  const polls = POLLING_WAITS * pollsPerWait;
  const collections = COLLECTIONS_PER_NODE * nodes;
  // Resolve once, intake for ALARM and for OK, the click.
  const others = 4;
  const short = RESUMES + polls + others;
  const seconds = short * secondsPerInvocation + CHANGES * secondsPerChange;
  const headWrites = Math.ceil(assumed.headBytes / WRITE_UNIT_BYTES) * steps;
  const collectionWrites =
    (Math.ceil(assumed.collectionBytes / WRITE_UNIT_BYTES) + READING_WRITES) * collections;
  // At its most a step reads the head and every collection so far.
  const reads =
    Math.ceil((assumed.headBytes + collections * assumed.collectionBytes) / READ_UNIT_BYTES) * steps;
  const evidence = collections * assumed.captureBytes;
  return [
    line('durable operations', steps + polls, 'operations', PRICES.durableOperation),
    line(
      'durable history, written and kept for 30 days',
      assumed.historyBytes / BYTES_PER_GIGABYTE,
      'GB',
      PRICES.durableGigabyteWritten + HISTORY_MONTHS * PRICES.durableGigabyteMonth,
    ),
    line('Lambda requests', short + CHANGES, 'requests', PRICES.lambdaRequest),
    line('Lambda compute', seconds * MEMORY_GIGABYTES, 'GB-seconds', PRICES.lambdaGigabyteSecond),
    line('DynamoDB writes', headWrites + collectionWrites, 'units', PRICES.tableWriteUnit),
    line('DynamoDB reads', reads, 'units', PRICES.tableReadUnit),
    line('S3 writes', collections + 1, 'objects', PRICES.objectPut),
    line(
      'S3 storage',
      (evidence / BYTES_PER_GIGABYTE) * assumed.evidenceMonths,
      'GB-months',
      PRICES.objectGigabyteMonth,
    ),
  ];
}

/** What stands there and costs each month without any incident. */
export function standingCosts(counts: {
  readonly alarms: number;
  readonly dashboards: number;
  readonly secrets: number;
}): readonly Cost[] {
  return [
    line('CloudWatch alarms', counts.alarms, 'of them', PRICES.alarmMonth),
    line('CloudWatch dashboards', counts.dashboards, 'of them', PRICES.dashboardMonth),
    line('Secrets Manager secrets', counts.secrets, 'of them', PRICES.secretMonth),
    line('Lambda requests of the schedule', RUNS, 'requests', PRICES.lambdaRequest),
    line(
      'Lambda compute of the schedule',
      RUNS * SECONDS_PER_RUN * MEMORY_GIGABYTES,
      'GB-seconds',
      PRICES.lambdaGigabyteSecond,
    ),
    // A question that finds nothing is half a unit, because it need not see the newest write.
    line('DynamoDB reads of the schedule', RUNS / 2, 'units', PRICES.tableReadUnit),
  ];
}

/** What the sweeps over a fleet are taken to be like. */
export interface SweepAssumptions {
  readonly nodes: number;
  readonly nodeGroups: number;
  readonly everyMinutes: number;
  /** Item of the newest hour of a node, which each reading writes anew; the one before is read with it. */
  readonly hourBytes: number;
  /** Packed report of a node. */
  readonly reportBytes: number;
  /** Compute of one sweep, most of it waiting for nodes. */
  readonly secondsPerSweep: number;
  /** Share of nodes of which a day is read, because their table is more than half full. */
  readonly halfFull: number;
}

const HOURS_OF_A_MONTH = 730;
/** Hours of readings that are read of a node whose table is more than half full (src/core/sweep/judge.ts). */
const RUN_HOURS = 26;

/** What a month of sweeps costs, line by line. */
export function sweepCosts(assumed: SweepAssumptions): readonly Cost[] {
  const { nodes, nodeGroups, everyMinutes, hourBytes, reportBytes, secondsPerSweep, halfFull } = assumed;
  const sweeps = (HOURS_OF_A_MONTH * 60) / everyMinutes;
  const readings = sweeps * nodes;
  const day = Math.ceil((RUN_HOURS * hourBytes) / READ_UNIT_BYTES);
  // Metrics of each group and of the whole fleet (src/core/sweep/metric-names.ts).
  const metrics = (nodeGroups + 1) * METRICS_OF_A_GROUP;
  return [
    line(
      'DynamoDB writes of readings',
      readings * Math.ceil(hourBytes / WRITE_UNIT_BYTES),
      'units',
      PRICES.tableWriteUnit,
    ),
    line('DynamoDB reads of readings', readings * (1 + halfFull * day), 'units', PRICES.tableReadUnit),
    line(
      'DynamoDB writes of reports',
      sweeps * Math.ceil((nodes * reportBytes) / WRITE_UNIT_BYTES),
      'units',
      PRICES.tableWriteUnit,
    ),
    line(
      'DynamoDB storage for 15 days',
      (nodes * 15 * 24 * hourBytes) / BYTES_PER_GIGABYTE,
      'GB',
      PRICES.tableGigabyteMonth,
    ),
    line('CloudWatch metrics', metrics, 'of them', PRICES.metricMonth),
    line(
      'Lambda compute',
      sweeps * secondsPerSweep * MEMORY_GIGABYTES,
      'GB-seconds',
      PRICES.lambdaGigabyteSecond,
    ),
  ];
}

/** Samples of a node and of each interface that the queries of one sweep look at (src/adapters/series/node-exporter.ts). */
const NODE_SAMPLES = 9;
const INTERFACE_SAMPLES = 3;
/** Metrics of an interface (src/adapters/series/cloudwatch-agent.ts), and how many a page of ListMetrics has. */
const AGENT_METRICS = 2;
const METRICS_OF_A_PAGE = 500;

/** What a month of reading samples where others keep them costs beside that, by the kind of source. */
export function sourceCosts(
  { nodes, everyMinutes }: Pick<SweepAssumptions, 'nodes' | 'everyMinutes'>,
  interfaces: number,
): { readonly prometheus: readonly Cost[]; readonly agent: readonly Cost[] } {
  const sweeps = (HOURS_OF_A_MONTH * 60) / everyMinutes;
  const metrics = nodes * interfaces * AGENT_METRICS;
  const samples = sweeps * nodes * (NODE_SAMPLES + INTERFACE_SAMPLES * interfaces);
  const pages = sweeps * Math.ceil(metrics / METRICS_OF_A_PAGE);
  return {
    prometheus: [line('Samples of a managed Prometheus', samples, 'samples', PRICES.prometheusSample)],
    agent: [
      line('CloudWatch metrics asked for', sweeps * metrics, 'metrics', PRICES.metricAskedFor),
      line('CloudWatch pages of ListMetrics', pages, 'requests', PRICES.cloudWatchRequest),
    ],
  };
}

/** Sum of a bill in US dollars. */
export function totalOf(costs: readonly Cost[]): number {
  return costs.reduce((sum, { dollars }) => sum + dollars, 0);
}

function line(what: string, quantity: number, unit: string, price: number): Cost {
  return { what, quantity, unit, dollars: quantity * price };
}
