import { MONOTONE_RUNS, TWO_HOSTS_RUNS } from '../../test/unit/support/property-runs.ts';
import { smallPastes } from '../../test/unit/support/small-pastes.ts';
import { table } from '../scoreboard/tables.ts';
import { type Answer, answersTo } from './answers.ts';
import type { BundleAnswer } from './bundles.ts';
import { type Example, exampleGroups } from './examples.ts';

/** Pastes whose answers are shown: those that the rules had to learn first. */
const SHOWN = /^(?:\d|A\d-)/;

/** Lines of a text that are shown, at most; of a longer one its beginning. */
const MOST_LINES = 18;

/** Longest line that is shown, in characters. */
const LINE_MAX_CHARS = 260;

/** Writes docs/what-you-can-paste.md: the same examples give the same page. */
export function pastesPage(bundles: readonly BundleAnswer[]): string {
  const groups = exampleGroups();
  const pastes = smallPastes().filter(({ name }) => SHOWN.test(name));
  return `${[
    '# What you can paste',
    '`npm run pastes` writes this page from the rules as they are; it is never edited by hand.',
    [
      'Paste what a tool printed as it is, with the commands above it: into a file or a pipe for `npx medic diagnose`, or into a Slack message for its shortcut "Diagnose this". Several tools in one text are fine, and so are several hosts: each is judged by itself, the most severe first.',
      'Two samples with the time between them tell what happens now; one sample tells what happened since boot. A change is offered only on two samples of one node, so on none of the texts below; what stands around two samples and may name two machines, in whatever form, makes them no pair. What was read inside a pod or a container is told as that, because its table is not the node’s.',
      'Nothing that was read is passed over in silence: what was recognised has a line with its numbers, and what was not is named.',
    ].join(' '),
    'Nothing at hand? Run this on the node and paste what it prints; it only reads:',
    fenced([
      'conntrack -S; sysctl net.netfilter | grep -E "conntrack_(count|max|buckets)"; dmesg -T | tail -n 40',
      'sleep 30; date; conntrack -S',
    ]),
    '## Find what you have',
    table(
      ['you have', 'such as'],
      [
        ...groups.map(({ title, examples }) => [
          link(title),
          examples.map((example) => link(example.title)).join(', '),
        ]),
        [link(BUNDLES), bundles.map(({ what }) => what).join(', ')],
      ],
    ),
    ...groups.flatMap(({ title, examples }) => [
      `## ${title}`,
      ...examples.flatMap((example) => shown(example)),
    ]),
    `## ${BUNDLES}`,
    'Given to `npx medic diagnose` as they are, packed (`.tar.gz`, `.tar.xz`, `.tar`, `.zip`) or unpacked; of each node it is said which files its answer rests on. What bzip2, zstd or 7z packed is refused with the command that unpacks it.',
    ...bundles.flatMap(({ what, name, nodes }) => [
      `### ${what}`,
      fenced([`$ npx medic diagnose ${name}`]),
      ...nodes.flatMap(answered),
    ]),
    '## Eighteen pastes that were answered wrongly once',
    `How the rules fared on them before they knew them stands in [accuracy](accuracy.md#written-before-or-after-the-rule).`,
    ...pastes.flatMap(({ name, what, text }) => shown({ title: `\`${name}\``, text }, what)),
    '## What holds for all of them',
    `Two properties are tried on made-up mixtures of such texts with every run of the tests, from a fixed seed, and a mixture that breaks one fails the run:`,
    [
      `- Two texts of one host each, under any two headings that people and tools use, give the diagnoses that each gives alone, in verdict, confidence, findings and offer: ${TWO_HOSTS_RUNS} mixtures (\`test/unit/core/paste/hosts/divided-as-alone.test.ts\`).`,
      `- A piece that is added never takes a finding away and never makes a verdict that stays less sure: ${MONOTONE_RUNS.pastes} pastes of one moment and ${MONOTONE_RUNS.captures} captures with sections taken out and put back (\`test/unit/core/diagnosis/monotone.long.test.ts\`).`,
    ].join('\n'),
  ].join('\n\n')}\n`;
}

const BUNDLES = 'Archives and folders of other tools';

/** The link to a heading of this page, as GitHub and GitLab make its name. */
function link(title: string): string {
  const anchor = title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
  return `[${title}](#${anchor})`;
}

function shown({ title, text }: Example, what?: string): readonly string[] {
  const lines = text.trimEnd().split('\n');
  const left = lines.length - MOST_LINES;
  const cut = left > 1 ? [...lines.slice(0, MOST_LINES), `… ${left} more such lines`] : lines;
  return [
    `### ${title}`,
    ...(what === undefined ? [] : [what]),
    fenced(cut.map((line) => (line.length > LINE_MAX_CHARS ? `${line.slice(0, LINE_MAX_CHARS)}…` : line))),
    ...answersTo(text).flatMap(answered),
  ];
}

/** A fence that is longer than any within the text. */
function fenced(lines: readonly string[]): string {
  const text = lines.join('\n');
  const longest = Math.max(2, ...Array.from(text.matchAll(/`{3,}/g), ([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}

function answered({ host, diagnosis, seen }: Answer): readonly string[] {
  const { verdict, confidence, headline } = diagnosis;
  // What the answer says already is not said twice.
  const more = seen.filter((line) => !headline.includes(line.slice(line.indexOf(': ') + 2)));
  const whose = host === undefined ? '' : `${plain(host)}: `;
  return [
    `> ${whose}**${verdict}**, ${confidence}. ${plain(headline)}`,
    ...(more.length === 0 ? [] : [more.map((line) => `- ${plain(line)}`).join('\n')]),
  ];
}

/** What was pasted stands in an answer as text, whatever it means in Markdown. */
function plain(text: string): string {
  return text.replaceAll(/([\\`*_{}[\]<>|#])/g, '\\$1');
}
