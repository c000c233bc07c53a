import { counted, show } from '../../src/core/words.ts';
import { CAUSES } from './nodes.ts';
import type { StormResult } from './run.ts';

/** What the same 5,000 state changes came to before alarms joined, measured on 2026-11-29; what was not measured is absent. */
const BEFORE: Readonly<Record<string, string>> = {
  'incidents with a card': '919',
  'messages posted': '2,924',
  collections: '5,360',
  'most collections of one node': '12',
  'CPU, functions and services together': '282 s',
};

/** docs/storms.md. */
export function stormsPage(results: readonly StormResult[]): string {
  return `# Storms: many alarms, one incident

The last part of this page is written by \`npm run sim:storm\`; its numbers are those of a storm on one machine, not of an account.

## Which alarms join

An incident finds its nodes before it collects or posts anything. If an open incident has one of them, its alarm joins that one: the
newcomer ends as \`joined\`, without a card, and stays on record. That is so while

- nobody has clicked on the open one, and nothing is decided about it;
- the firings are at most \`joinWindowMinutes\` (15) apart, by the alarms' own times;
- the open one is at most \`joinAgeHours\` (12) old, and has at most 200 nodes with those that would come;
- neither of the two was asked for by a person, or is a warning that nothing has happened of yet.

Otherwise it goes its own way, as each alarm does with \`joinWindowMinutes\` 0. A node that a third incident has stays with that one. An
ended incident takes nobody in, but for one that ended without a fix: an alarm about none but its nodes is counted there, too, while it
keeps its own (see below).

Once its nodes are judged, an incident joins the one that gathers the same trouble in the same way, with all alarms that it has: the same
verdict, in the same cluster, on nodes that share zone, instance type, node group, node pool, Auto Scaling group or the release of
their kernel, or that were launched within an hour of each other. What is not known of a node joins nothing. What says nothing of the node (\`not-the-node\`, \`insufficient-evidence\`) gathers nobody. Where another incident of its
cluster fired within those minutes, an incident has its card once it is judged, some fifteen seconds later.

## What the card says

It counts the alarms and lists them in two lines, those that fire and those that are OK again. The incident is resolved without a click
once all of them are OK; one that fires again keeps it open. A flapping alarm is counted at the incident that had joined, and posts
nothing. One that flaps by itself has a second incident when it fires within a quarter of an hour of its OK; that one stays until the
alarm has been OK for as long. A card is edited once a second and 200 times an hour at most; what has no turn is drawn by the
reconciler within a minute or two, as it is by then.

**A node that an alarm brings speaks again.** Where the card waits for a click, its buttons are taken away and its workflow is woken at
once (by the reconciler within two minutes, should the call be lost), the thread names the nodes, they are read (and the others again, unless that was less than a minute ago), and the buttons come back with a plan that names
all of them. Nothing is ended before its last node was looked at. A click that came first is carried out on the nodes that its card
named, and the alarm that comes then has an incident of its own.

After "Dismiss" all alarms of the card stay quiet together, as one does by itself: their firings are counted, the nodes of all are
looked at, and what fires when the hold is over, or has got worse, opens an incident.

An incident that ended without a fix keeps its alarms while they flap, too: firings no further apart than \`joinWindowMinutes\` are counted
there, up to its \`joinAgeHours\`, and its nodes are looked at once a minute at most. What got worse, or can be mended by now, has a card
of its own. Where nothing was found to be wrong, or the nodes told nothing, the next firing opens an incident as the first one did.

## Many nodes

One alarm asks up to \`maxNodes\` nodes (100, at most 200), the worst first; what is left out is a sentence on the card. Commands go
to fifty at a time. A plan names at most 50 nodes, the worst first: the card says how many more need the same. Once these are
verified, one alone and then ten at a time, the others are read again and offered with the next click. A failure stops
all of it. A rollback takes back every node, fifty at a time after the first. The card shows the worst and the counts, the page all.

## What is written in which order

Each step may be the last one of a function that dies, and is repeated by the workflow, or by the reconciler if that dies too.

| write | if its function dies right after it |
|---|---|
| the newcomer takes its nodes, one by one in the order of their ids, and meets one that an open incident has | nobody has changed; another one that meets it waits for some seconds, then passes it over |
| nodes that nobody else has become the other one's | whoever has them next finds the other one |
| the alarm is listed at the other one | it counts there as firing; the repeat lists it once |
| the other one takes alarm and nodes in, under the revision of its head, so not once it has ended | both are open, and the repeat changes nothing |
| the newcomer ends as joined | what its alarm said meanwhile is brought along by the repeat, or by its next word |

Only who has all its nodes is joined. After that it joins at most one that gathers its trouble, and who gathers joins nobody: so no two
incidents ever join each other. Each pair of these writes is interrupted once by a death and once by the end of the other one in
\`join-interleavings.long.test.ts\` and \`gather.long.test.ts\` of \`test/unit/core/incident\`.

## A storm, simulated

${storms(results)}
`;
}

function storms(results: readonly StormResult[]): string {
  const [first] = results;
  if (first === undefined) return 'Not measured yet.';
  const { alarms, nodes } = first.storm;
  return `${counted(alarms, 'alarm')} of five nodes each, over ${show(nodes)} nodes with ${CAUSES.length} causes (${CAUSES.map(({ name }) => name).join(', ')}), begin within six
seconds and flap between ALARM and OK for a minute; of the deliveries 15 % are repeats and a fifth come late, up to eight seconds after what
followed them. The built functions run against the local engines. A second of Slack's limits is 20 ms: what counts is how much is said.

${table(results)}

The last column is of 5,000 state changes of 200 alarms over 500 nodes. "Lost" are alarms whose last firing no incident counts. "Delivered again" are deliveries whose function failed, as Lambda repeats them.
On AWS each delivery has a function of its own, so neither of the first two times is the product's: one process that plays Lambda, and one the
table, the nodes and Slack, take turns on a machine that has other work. What a delivery takes by itself, with all records of the storm
there, is the third.`;
}

const spread = ({ p50, p99 }: StormResult['calm']): string => `${show(p50)} / ${show(p99)} ms`;

function table(results: readonly StormResult[]): string {
  const rows: readonly (readonly [string, (result: StormResult) => string])[] = [
    ['different firings', ({ firings }) => show(firings)],
    ['incidents with a card', ({ cards }) => show(cards)],
    ['incidents that joined', ({ incidents }) => show(incidents['joined'] ?? 0)],
    ['messages posted', ({ posts }) => show(posts)],
    ['edits of cards', ({ edits }) => show(edits)],
    ['calls that Slack refused', ({ refusedBySlack }) => show(refusedBySlack)],
    ['SSM commands', ({ commands }) => show(commands)],
    ['nodes asked', ({ nodesAsked }) => show(nodesAsked)],
    ['collections', ({ collections }) => show(collections)],
    ['most collections of one node', ({ mostOfOneNode }) => show(mostOfOneNode)],
    ['most at once on one node', ({ mostAtOnce }) => show(mostAtOnce)],
    ['lost', ({ lost }) => show(lost)],
    ['delivered again', ({ delayed }) => show(delayed)],
    ['given up', ({ givenUp }) => show(givenUp)],
    ['cards behind at the end', ({ owed }) => show(owed)],
    ['waiting for one of thirty places, median and 99 of 100', ({ queued }) => spread(queued)],
    ['function with thirty at once in one process', ({ busy }) => spread(busy)],
    ['the same after the storm, one at a time', ({ calm }) => spread(calm)],
    ['CPU, functions and services together', ({ cpuSeconds }) => `${show(Math.round(cpuSeconds))} s`],
    ['memory of the functions at most', ({ memoryMiB }) => `${show(memoryMiB)} MiB`],
  ];
  const heads = results.map(({ storm }) => `${show(storm.events)} state changes`);
  return [
    `| | ${heads.join(' | ')} | 5,000 before alarms joined |`,
    `|---|${heads.map(() => '---|').join('')}---|`,
    ...rows.map(
      ([name, value]) => `| ${name} | ${results.map(value).join(' | ')} | ${BEFORE[name] ?? '–'} |`,
    ),
  ].join('\n');
}
