import { median } from '../../src/core/fleet/theil-sen.ts';
import { placesFor, secondsFor } from '../../src/core/sweep/round.ts';
import { counted, show } from '../../src/core/words.ts';
import { PEERS } from './peers.ts';
import type { ScenarioResult } from './run.ts';
import { totalOf } from './run.ts';
import { SCENARIOS } from './scenarios.ts';
import { OURS, type Score } from './score.ts';

/** What one run showed, with what it is called. */
export interface Shown {
  readonly title: string;
  readonly results: readonly ScenarioResult[];
}

/** Everything that the page shows. */
export interface Runs {
  /** Nodes of each scenario in the two long runs. */
  readonly nodes: number;
  readonly heldOut: Shown;
  readonly builtWith: Shown;
  readonly short: Shown;
}

/** docs/fleet.md. */
export function fleetPage({ nodes, heldOut, builtWith, short }: Runs): string {
  return `# The fleet: a rule that warns before it hurts

This page is written by \`npm run sim:forecast\`; its numbers are those of simulated nodes, not of a cluster.

## When a node is warned of

Every five minutes the sweep (\`lambdas/sweep.ts\`) has count, limit and counters of each node read, and judges what it has of it by the rule
below (\`src/core/fleet\`); [how it does that](#the-sweep) stands further down. What was not seen is a gap with its reason, and a node that is not seen is unknown, never calm. A warning needs all of this, and
says which of it was missing where there is none:

- The table is at least half full.
- The newest run of readings grows: the slope of Theil and Sen since the table was last low is above zero with its whole interval.
  A run is cut where the limit or the boot changed, kube-proxy was restarted, the count fell by half, or nothing was seen for an hour.
- The rise did not come at once: that slope accounts for 60 % of it.
- Its last quarter grows as well, at 30 % of that slope or more, and would fill the table within eight hours.
- It does not slow down towards a level below the limit; and where it is known how long entries live and the growth is younger than
  five lifetimes, arrivals × lifetime (Little's law) is above the limit.
- Yesterday, a week ago or two weeks ago, whichever day the last three hours are most like, does not say that the next eight
  hours fit, with what today has more: so many entries, or so many times as many where that says more of the last hours.
- What is missing to the limit is at most half of what the table grew by; a fifth where the growth is older than four hours and a week
  is not known yet, so that it may be a daily rise; all of it where a day like today says that the next hours do not fit.

A full table is warned of at once, and so is a fill within two hours; one that is further off once every look has foretold it for 25
minutes, or for 55 where it is three hours off and more. A warning ends an hour after nothing speaks any more for a fill within 48 hours. Both numbers of hours are configured. Why each threshold is
what it is stands beside it in \`src/core/fleet\`.

## The sweep

One command, \`medic-probe\`, goes to all nodes that carry a tag of the configuration, to so many at once that all have run within
three fifths of the interval; each reads its table twice, five seconds apart, changes nothing and prints at most 2,500 characters, so
that one call of ListCommandInvocations brings fifty nodes. It costs a node some 18 ms of CPU and fewer than twenty processes.

| nodes, every 5 minutes | at once (MaxConcurrency) | all have run after | pages of answers | pages of the list of nodes |
| --- | --- | --- | --- | --- |
${[100, 1_000, 5_000, 20_000].map(sweepRow).join('\n')}

Taken are ten seconds that a node keeps a place: five of sampling, and the agent's way there and back. Calls are made one
after the other, the pages of the table and one look every five seconds, which is all that they ask of the quotas of Systems Manager;
where it turns one away as one too many, the sweep waits, for two minutes at most. One item in the table holds the right to sweep, so there are never
two at once; a sweep whose function died is gone on with by the next one, by its answers, and a reading that arrives twice is one.

A node that was not seen is a number of its own, by its reason: \`offline\` (its agent does not answer), \`untagged\` (Systems Manager
manages it and nothing may be sent to it), \`refused\`, \`late\`, \`cut\` (its answer ended early), \`forged\` (what came does not answer this
command) and \`failed\`; with series of others \`no-series\` (none of the last minutes is certainly its own) and \`unread\` (they could not be
read). It has no count then, and after sixteen minutes it is unknown. Nodes of other accounts are not swept.

### Where the samples come from

The nodes are asked themselves unless \`sweep.source\` in the configuration says otherwise. Where node_exporter or the CloudWatch agent
runs on them anyway, the sweep takes its samples from there; then it sends nothing to a node and may not
([iam.md](iam.md#where-a-sweep-takes-its-samples-from-somewhere-else)). What such a source does not tell is unknown, never 0.

| \`sweep.source\` | it tells | unknown with it |
| --- | --- | --- |
| \`{"kind": "ssm"}\`, the default | all that the probe prints | what a node does not tell |
| \`{"kind": "prometheus", …}\` | entries, limit, the counters \`drop\`, \`insert_failed\` and \`early_drop\`, the time of boot, the kernel, neighbours (IPv4), and with \`--collector.ethtool\` EC2's allowances | buckets, long chains, what kube-proxy was told and when it was started, what a boot would set, drift, which click set a limit |
| \`{"kind": "cloudwatch-agent"}\` | EC2's allowances for tracked connections: \`ethtool_conntrack_allowance_exceeded\` and \`_available\` | the node's own table: nothing fills up and nothing is warned of |

**A Prometheus**, or what speaks its query API, such as Amazon Managed Service for Prometheus, Thanos, Mimir and VictoriaMetrics:

\`\`\`json
{ "sweep": { "source": {
  "kind": "prometheus",
  "url": "https://aps-workspaces.eu-central-1.amazonaws.com/workspaces/ws-01234567-89ab-cdef-0123-456789abcdef",
  "auth": { "kind": "sigv4" },
  "labels": { "cluster": "shop" }
} } }
\`\`\`

- \`auth\` is one of these. A secret stands in Secrets Manager, in the account and region of the service.
  - \`{"kind": "sigv4"}\` for a workspace of the service's own account; with \`"role": {"arn": "…", "externalId": "…"}\` for one of another
    account: the function assumes that role ([what it has to allow](deploy.md#a-prometheus-in-another-account-or-in-a-vpc));
  - \`{"kind": "bearer", "secretName": "…"}\` with a secret that holds \`{"token": "…"}\`;
  - \`{"kind": "basic", "secretName": "…"}\` with a secret that holds \`{"username": "…", "password": "…"}\`;
  - \`{"kind": "none"}\`.
- \`"tenant": "…"\` goes with each query as \`X-Scope-OrgID\`, as Mimir, Cortex and Thanos ask for it where they have the series of several;
  \`a|b\` means those of both.
- The function reaches what is public, by \`https://\`. With \`"vpc": {"subnetIds": ["subnet-…"], "securityGroupIds": ["sg-…"]}\` it stands in
  these subnets and reaches what they do, such as a Prometheus inside the cluster behind an internal load balancer; there it may be
  \`http://\` where \`auth\` is \`none\` ([what the VPC has to have](deploy.md#a-prometheus-in-another-account-or-in-a-vpc)).
- node_exporter tells the table by its collector \`conntrack\`, which is on unless \`--no-collector.conntrack\` switches it off; a node
  without it is \`no-series\`. It has to run in the network of the node (\`hostNetwork\`, as the usual charts have it): a pod has a table
  of its own. One that is scraped at an address that is not the node's is not taken, therefore.
- A series belongs to the node that \`instance_id\`, \`provider_id\`, \`node\`, \`kubernetes_node\`, \`nodeLabel\` of the configuration, or the host
  in \`instance\` names: an instance id, the private DNS name, or an address of its own. Where two of them name different
  nodes, or two machines with one name were booted at different times, nothing is taken. Two clusters can have the same addresses:
  \`labels\` says which series are meant.
- A node is seen by samples of the last ten minutes. The age is told by the server's clock, and a server whose clock is a minute
  off is not read.
- One sweep asks twelve queries. For 20,000 nodes that were 33 MB of answers in 16 s at most, with Prometheus 2.42 and 3.16 on two cores.

**The CloudWatch agent** sends the two with its section \`ethtool\` (\`"metrics_include": ["conntrack_allowance_exceeded",
"conntrack_allowance_available"]\`); \`namespace\` says where, \`CWAgent\` unless it is told. Dimensions have to hold \`interface\` and
\`InstanceId\` (\`append_dimensions\`) or \`host\`. Its section \`net\` tells nothing of connections that are tracked. Asking for metrics is not
free: [costs.md](costs.md).

A warning opens an incident of its own kind through the intake: a card without a mention, in a channel of its own where
\`sweep.slackChannel\` names one, with what is foreseen of which nodes of one group, on what, and which of the group come next. Its nodes
are collected from as for any alarm, so verdict, plan, click and record are those of any incident. There is a raise below nine tenths, too,
where the table that is foreseen to fill is at least half full and the two samples of then do not speak against it: nothing is evicted,
living entries are what fills it, no half-open ones, and long-lived ones do not settle below the limit. Memory bounds it as any raise. It
is told once, and once all of its nodes are calm again it ends as by an alarm that goes OK.

**It becomes the incident when the alarm comes.** An alarm that means one of its nodes takes the warning over, unless somebody has clicked
on its card: that card says which incident it became and has no buttons any more, and the incident has all of its nodes and says since
when the warning stood. What the sweep says after that neither ends the incident nor keeps it open. A warning about nodes that open
incidents have all of is theirs already, and has no card.

Readings are kept for fifteen days, an item a node and hour (\`src/adapters/dynamo/series.ts\`), 5,000 nodes in less than 2 GB. The numbers
of each node group are CloudWatch metrics of the namespace \`conntrack-medic\` with the dimensions \`Cluster\` and \`NodeGroup\`, \`all\` for
the whole fleet; the worst node is a field of the log line that they come from. [What it costs](costs.md).

\`npm run demo -- --scenario fleet\` has the built functions sweep forty nodes through half a day in under a minute, up to the alarms. The
stack's own widgets, with such a day judged by the product; \`npm run picture\` draws them:

![Seven graphs of the dashboard: the use of the fullest table rises from noon on, the minutes to a full table fall from ninety on, packets are dropped for half an hour, and a raise ends it](pictures/fleet-dashboard.svg)

## What is measured

Each scenario below is run on ${counted(nodes, 'node')} for 21 days or until the table is full: one reading in five minutes, noise of 0.6 to
2 % most of which a reading shares with the one before, no two days the same. A fill is **foreseeable** if half an hour before it the
load without its noise, continued in a straight line as it grew in the hour before, meets the limit within two hours, and eight
of that hour's thirteen readings arrived: a definition that knows nothing of any rule. It is warned of if the warning stands half an
hour before the fill. A warning is **false** unless the load comes within 5 % of the limit of that moment within 16 hours, or twice the
hours for which the rule speaks where that is more. Each warning that begins is counted, for every rule. Rules of other tools
are those that they publish, on the same readings; those made for disks or memory are given entries and limit instead.

The rule was built while looking at one set of seeds. The other was not run before the rule was done. What is aimed at: 95 % of
foreseeable fills and at most one false warning in 1,000 node-days.

## Rules beside each other

### With ${heldOut.title}

${rulesTable(heldOut)}

${aimOf(heldOut)}

### With ${builtWith.title}

${rulesTable(builtWith)}

${aimOf(builtWith)}

## By scenario, ${OURS} alone

With ${heldOut.title}:

${scenariosTable(heldOut)}

### Where it fails

With ${heldOut.title}:

${failures(heldOut)}

With ${builtWith.title}:

${failures(builtWith)}

What it misses comes of what keeps it from crying wolf. Growth is told from a step in load once it is three quarters of an hour old, so a table that fills within little more than an hour is told of late;
and a rise of four hours and more, while no week is known, is taken for a daily one until little is missing to the limit.
What it cannot know it does not tell: a flood fills a table between two readings. A table that leaks all day and is emptied by a restart
each night looks, on its first day, like one that will be full.

## Where the rules of others come from

${sources()}

## The short run

A test makes these numbers anew, to see that this page is of this rule and these scenarios: ${counted(1, 'node')} of each.

${shortTable(short)}
`;
}

/** What the test compares: every rule on one node of each scenario. */
export const shortTable = (short: Shown): string => rulesTable(short);

/** Rules by how they did: a row a rule. */
function rulesTable({ results }: Shown): string {
  const total = totalOf(results);
  const rows = [...total.scores].map(([id, score]) => [
    id === OURS ? `**${id}**` : id,
    `${score.foreseen} of ${score.foreseeable} (${share(score.foreseen, score.foreseeable)})`,
    `${score.guessed} of ${score.fills - score.foreseeable}`,
    perThousand(score.falseWarnings, total.nodeDays),
    show(score.falseWarnings),
    leadOf(score),
  ]);
  return table(
    [
      'rule',
      'foreseeable fills warned of 30 min before',
      'others warned of',
      'false warnings per 1,000 node-days',
      'false warnings',
      'lead, middle one',
    ],
    rows,
  );
}

/** Whether the product's rule does what is aimed at. */
function aimOf({ results }: Shown): string {
  const { scores, nodeDays } = totalOf(results);
  const { foreseeable = 0, foreseen = 0, falseWarnings = 0 } = scores.get(OURS) ?? {};
  const met = (is: boolean): string => (is ? 'met' : '**not met**');
  const isWarned = foreseen >= 0.95 * foreseeable;
  const isQuiet = falseWarnings <= nodeDays / 1_000;
  return `The aim of 95 %: ${met(isWarned)}. The aim of one false warning: ${met(isQuiet)}.`;
}

/** The product's rule by scenario: a row a scenario. */
function scenariosTable({ results }: Shown): string {
  const rows = results.map(({ scenario, nodeDays, scores }) => {
    const score = scores.get(OURS);
    if (score === undefined) return [scenario];
    return [
      scenario,
      SCENARIOS.find(({ id }) => id === scenario)?.tells ?? '',
      show(Math.round(nodeDays)),
      show(score.fills),
      score.foreseeable === 0 ? '–' : `${score.foreseen} of ${score.foreseeable}`,
      show(score.falseWarnings),
    ];
  });
  return table(['scenario', 'what happens', 'node-days', 'fills', 'foreseeable, warned of', 'false'], rows);
}

/** One sentence on each scenario in which a fill was missed or a warning was false; made of the numbers. */
function failures({ results }: Shown): string {
  const lines = results.flatMap(({ scenario, nodeDays, scores }) => {
    const score = scores.get(OURS);
    if (score === undefined) return [];
    const missed = score.foreseeable - score.foreseen;
    const parts = [
      ...(missed > 0 ? [`misses ${missed} of ${counted(score.foreseeable, 'foreseeable fill')}`] : []),
      ...(score.falseWarnings > 0
        ? [`warns falsely ${counted(score.falseWarnings, 'time')} in ${show(Math.round(nodeDays))} node-days`]
        : []),
    ];
    return parts.length === 0 ? [] : [`- *${scenario}*: it ${parts.join(' and ')}.`];
  });
  return lines.length === 0 ? 'In none of them did it miss or cry.' : lines.join('\n');
}

/** Where each rule comes from. */
const sources = (): string => PEERS.map(({ id, source }) => `- ${id}: ${source}`).join('\n');

const share = (part: number, whole: number): string =>
  whole === 0 ? 'none' : `${((100 * part) / whole).toFixed(1)} %`;

const perThousand = (count: number, days: number): string => ((1_000 * count) / days).toFixed(1);

const leadOf = ({ leads }: Score): string =>
  leads.length === 0 ? '–' : `${(median(leads) / 60).toFixed(1)} h`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Answers, and nodes of a list, on a page of Systems Manager. */
const A_PAGE = 50;
/** Minutes between two sweeps where nothing is configured. */
const EVERY_MINUTES = 5;

/** What a sweep over so many nodes comes to, by the product's own numbers. */
function sweepRow(nodes: number): string {
  const pages = show(Math.ceil(nodes / A_PAGE));
  const seconds = secondsFor(nodes, EVERY_MINUTES);
  return `| ${show(nodes)} | ${show(placesFor(nodes, EVERY_MINUTES))} | ${show(seconds)} s | ${pages} | ${pages} |`;
}
