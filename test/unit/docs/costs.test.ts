import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  type Cost,
  type IncidentAssumptions,
  incidentCosts,
  OPERATIONS,
  PRICES,
  type SweepAssumptions,
  sourceCosts,
  standingCosts,
  sweepCosts,
  totalOf,
} from '../../../build/costs.ts';
import { exampleConfig, templateOf } from '../cdk/support.ts';

const ASSUMED: IncidentAssumptions = {
  nodes: 10,
  pollsPerWait: 4,
  secondsPerInvocation: 0.5,
  secondsPerChange: 15,
  captureBytes: 15_000,
  collectionBytes: 12_000,
  headBytes: 20_000,
  historyBytes: 50_000,
  evidenceMonths: 3,
};

const SWEPT: SweepAssumptions = {
  nodes: 1_000,
  nodeGroups: 5,
  everyMinutes: 5,
  hourBytes: 900,
  reportBytes: 60,
  secondsPerSweep: 150,
  halfFull: 0.05,
};

it('charges a sweep by its nodes and how often it is, and metrics by node groups alone', () => {
  const [once, twice] = [10, 5].map((everyMinutes) => sweepCosts({ ...SWEPT, everyMinutes }));
  const [few, many] = [1_000, 5_000].map((nodes) => sweepCosts({ ...SWEPT, nodes }));
  const amount = (costs: readonly Cost[] | undefined, what: string) => of(costs ?? [], what)?.quantity ?? 0;
  for (const what of ['DynamoDB writes of readings', 'DynamoDB reads of readings', 'Lambda compute'])
    expect(amount(twice, what)).toBe(2 * amount(once, what));
  expect(amount(many, 'DynamoDB writes of readings')).toBe(5 * amount(few, 'DynamoDB writes of readings'));
  expect(amount(many, 'CloudWatch metrics')).toBe(amount(few, 'CloudWatch metrics'));
});

/** Network interfaces of a node that are told apart. */
const INTERFACES = 2;

it('charges what is asked of CloudWatch by interfaces, and samples of a Prometheus next to nothing', () => {
  const [one, two] = [1, 2].map((interfaces) => sourceCosts(SWEPT, interfaces));
  expect(of(two?.agent ?? [], 'CloudWatch metrics asked for')?.quantity).toBe(
    2 * (of(one?.agent ?? [], 'CloudWatch metrics asked for')?.quantity ?? 0),
  );
  expect(totalOf(two?.agent ?? [])).toBeGreaterThan(totalOf(sweepCosts(SWEPT)));
  expect(totalOf(two?.prometheus ?? [])).toBeLessThan(1);
});

const of = (costs: readonly Cost[], what: string): Cost | undefined =>
  costs.find((cost) => cost.what === what);

it('charges operations for steps and polls, whatever the number of nodes', () => {
  const [few, many] = [1, 50].map((nodes) => of(incidentCosts({ ...ASSUMED, nodes }), 'durable operations'));
  expect(few).toEqual(many);
  expect(few).toEqual({ what: 'durable operations', quantity: 72, unit: 'operations', dollars: 72 * 8e-6 });
});

it('rounds every item up to whole units of the table', () => {
  const oneMoreByte = { ...ASSUMED, nodes: 1, collectionBytes: 1025, headBytes: 1024 };
  const writes = of(incidentCosts(oneMoreByte), 'DynamoDB writes')?.quantity;
  expect(writes).toBe(52 * 1 + 3 * (2 + 2));
});

it('keeps evidence for as long as it is kept', () => {
  const [one, two] = [1, 2].map((evidenceMonths) =>
    of(incidentCosts({ ...ASSUMED, evidenceMonths }), 'S3 storage'),
  );
  expect(two?.dollars).toBeCloseTo(2 * (one?.dollars ?? 0), 12);
});

const dollars = (amount: number) => `$${amount.toFixed(amount < 0.1 ? 5 : 2)}`;
const quantity = (amount: number) =>
  amount.toLocaleString('en-US', { maximumFractionDigits: amount < 1 ? 5 : 1 });
const table = (costs: readonly Cost[], period: string) =>
  [
    `| what | how much | ${period} |`,
    '|---|---|---|',
    ...costs.map(
      ({ what, quantity: amount, unit, dollars: sum }) =>
        `| ${what} | ${quantity(amount)} ${unit} | ${dollars(sum)} |`,
    ),
    `| **together** | | **${dollars(totalOf(costs))}** |`,
  ].join('\n');

it('docs/costs.md has the arithmetic and its result; vitest run -u draws it anew', async () => {
  const template = templateOf(exampleConfig());
  const count = (type: string) => Object.keys(template.findResources(type)).length;
  const standing = standingCosts({
    alarms: count('AWS::CloudWatch::Alarm'),
    dashboards: count('AWS::CloudWatch::Dashboard'),
    secrets: 2,
  });
  const faq = readFileSync('docs/faq.md', 'utf8');
  expect(faq).toContain(
    `less than ${['five', 'six', 'seven'][Math.ceil(totalOf(standing)) - 5]} dollars a month`,
  );
  expect(faq).toContain(`about ${Math.round(totalOf(sweepCosts(SWEPT)))} dollars a month`);
  const stages = Object.entries(OPERATIONS).map(([stage, operations]) => `| ${stage} | ${operations} |`);
  const fifty = totalOf(incidentCosts({ ...ASSUMED, nodes: 50 }));
  const { prometheus, agent } = sourceCosts(SWEPT, INTERFACES);
  const sources = Object.entries({ prometheus, 'cloudwatch-agent': agent }).flatMap(([kind, costs]) =>
    costs.map(
      ({ what, quantity: amount, unit, dollars: sum }) =>
        `| \`${kind}\` | ${what} | ${quantity(amount)} ${unit} | ${dollars(sum)} |`,
    ),
  );
  const perMillion = (price: number) => `$${(price * 1e6).toFixed(3)}`;
  await expect(`# What it costs

Drawn from \`build/costs.ts\`. Prices are list prices in us-east-1 without free tiers; other regions differ, and
AWS changes prices, so hold them against its pricing pages before you budget.

## One incident

Taken is a large one of the ordinary kind: ${ASSUMED.nodes} nodes are diagnosed, one is changed and verified, then the others, and all are
looked at again later. One that ends without a change costs less.

${table(incidentCosts(ASSUMED), 'for an incident')}

With 50 nodes it is ${dollars(fifty)}. Run Command on EC2 instances is free of charge.

Assumed are ${ASSUMED.pollsPerWait} looks until all nodes have answered a command, ${ASSUMED.secondsPerInvocation} s of compute for an invocation and ${ASSUMED.secondsPerChange} s for a change, in
functions of 512 MB; ${quantity(ASSUMED.captureBytes)} bytes of raw text a node, kept for ${ASSUMED.evidenceMonths} months; items of ${quantity(ASSUMED.collectionBytes)} bytes for a
collection and ${quantity(ASSUMED.headBytes)} for the head; ${quantity(ASSUMED.historyBytes)} bytes of durable history. Each step of the workflow is taken to write the
head and to read it with all collections, which is more than most do.

A step, a wait, a callback and a call of another function are one durable operation each; a wait that looks every five seconds
is one and one more for each look. Their number does not grow with the nodes, because one command and one look serve all of
them; it grows by the stage of the other nodes for each further set of numbers among their plans.

| stage | operations |
|---|---|
${stages.join('\n')}

Prices for a million: durable operations ${perMillion(PRICES.durableOperation)}, Lambda requests ${perMillion(PRICES.lambdaRequest)}, DynamoDB write units ${perMillion(PRICES.tableWriteUnit)} and read units
${perMillion(PRICES.tableReadUnit)}, S3 writes ${perMillion(PRICES.objectPut)}. For a GB: durable history ${dollars(PRICES.durableGigabyteWritten)} written and ${dollars(PRICES.durableGigabyteMonth)} for a month, S3
${dollars(PRICES.objectGigabyteMonth)} for a month. For a GB-second of compute on arm64: $${PRICES.lambdaGigabyteSecond}.

## Every month, without any incident

${table(standing, 'for a month')}

## Every month, for the sweeps over 1,000 nodes

Taken are ${SWEPT.nodeGroups} node groups, a sweep every ${SWEPT.everyMinutes} minutes, items of ${SWEPT.hourBytes} bytes for an hour of a node, ${SWEPT.reportBytes} bytes a node in the packed
report, ${SWEPT.secondsPerSweep} s of waiting for a sweep, and one node in ${1 / SWEPT.halfFull} whose table is more than half full, of which a day of readings is
read each time.

${table(sweepCosts(SWEPT), 'for a month')}

Twice the minutes between two sweeps cost half as much, but for the metrics. Run Command is free of charge on EC2 instances, and
what is too old is deleted by the table free of charge.

Where the samples come from series that others keep (\`sweep.source\`), nothing is waited for, and reading them costs besides, for
nodes with ${INTERFACES} interfaces:

| \`sweep.source\` | what | how much | for a month |
|---|---|---|---|
${sources.join('\n')}

What CloudWatch is asked for costs more than all the rest: with the agent's metrics set \`everyMinutes\` to 30 or more.

## And besides

The secrets are yours and not part of the stack. Logs, traces, the table's backup and calls of Secrets Manager cost by what is
written, which is little: a line of a few hundred bytes for each thing that happened.
`).toMatchFileSnapshot('../../../docs/costs.md');
});
