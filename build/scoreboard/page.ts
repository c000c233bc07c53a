import { againstPeers, peersMistakes } from './against-peers.ts';
import { beforeAndAfter, firstVerdicts } from './before-after.ts';
import type { FirstScores } from './first-scores.ts';
import { peerView } from './peer-view.ts';
import { agentReportsAllowance, PEERS } from './peers.ts';
import type { Group, ScoredCase } from './scored-case.ts';
import { byMode, calibration, confusion, share, table } from './tables.ts';

/** Writes docs/accuracy.md: the same cases give the same page. */
export function accuracyPage(cases: readonly ScoredCase[], record: FirstScores): string {
  const of = (group: Group) => cases.filter((one) => one.group === group);
  const [lab, mixed, field, small] = [of('lab'), of('mixed'), of('field'), of('small')];
  const wrongOffers = cases.filter(
    ({ diagnosis, raiseHelps }) => diagnosis.offer.raise && raiseHelps === false,
  );
  const answered = [...lab, ...mixed, ...field];
  const helpful = [...lab, ...mixed].filter(({ raiseHelps }) => raiseHelps === true);
  const offered = helpful.filter(({ diagnosis }) => diagnosis.offer.raise);
  return `${[
    '# Accuracy',
    '`npm run scoreboard` writes this page; it is never edited by hand.',
    [
      `${lab.length} captures of two samples from real kernels (\`test/fixtures/captures\`), ${mixed.length} of several faults at once (\`test/fixtures/mixed\`), ${field.length} texts that people pasted in public threads, one sample each (\`test/fixtures/corpus\`), and ${small.length} short pastes made for this project (\`test/fixtures/pastes\`), whose answer has to tell the right hosts, numbers and confidence besides the verdict.`,
      'A verdict is right when it is among those that the evidence alone allows. What the rules do on cases that they were written with, and how they fared on cases that they had not seen, are counted apart.',
    ].join(' '),
    '## In short',
    table(
      ['', 'cases', 'right', 'share'],
      [
        ['captures', ...rightOf(lab)],
        ['captures of mixed faults', ...rightOf(mixed)],
        ['text pasted in public threads', ...rightOf(field)],
        ['short pastes', ...rightOf(small)],
        ['all', ...rightOf(cases)],
      ],
    ),
    [
      `Raises of nf_conntrack_max offered where one does not help: **${wrongOffers.length}**${wrongOffers.length === 0 ? '' : ` (${wrongOffers.map(({ id }) => id).join(', ')})`}.`,
      `Offered where one helps, of the captures: ${offered.length} of ${helpful.length}. Pasted text of one sample never gets an offer.`,
    ].join(' '),
    '## Written before or after the rule',
    'A case that was at hand when the rules were written shows only that they were written well. So a new case is scored once, on the commit that adds it and before any rule is changed (`npm run scoreboard -- --first`), and that answer is kept for good (`test/fixtures/first-scores.json`). A verdict in bold was not right.',
    beforeAndAfter(cases, record),
    firstVerdicts(cases, record),
    '## By failure mode',
    byMode(cases),
    '## Confusion matrix: its cells that are not zero',
    confusion(cases),
    '## What the confidence words are worth',
    calibration(cases),
    '## Beside the rules of other tools',
    `All of these answer one question: is the node’s own table full, or nearly so? The ${answered.filter(({ isTableFull }) => isTableFull === undefined).length} cases whose evidence allows both answers are left out, and so are the short pastes. Each rule is run as its source states it, on the whole log, the count and the limit of the same case; none of the log rules asks how old a line is, so after a raise they go on reporting what was. In captures whose node is a network namespace of its own the kernel adds “in netns N” to the node’s own lines; it is taken off before the rules are run, because a host prints its lines without it. Captured lines get a syslog time for the rule that asks for one.`,
    againstPeers(answered),
    peersMistakes(answered),
    agentNote(answered),
    'Sources of the rules:',
    PEERS.map(({ name, source }) => `- ${name}: ${source}`).join('\n'),
    '## Every case',
    table(
      ['case', 'truth', 'verdict', 'confidence', 'raise offered'],
      cases.map(({ id, truth, diagnosis, isRight }) => [
        id,
        truth,
        isRight ? diagnosis.verdict : `**${diagnosis.verdict}**`,
        diagnosis.confidence,
        diagnosis.offer.raise ? 'yes' : 'no',
      ]),
    ),
  ].join('\n\n')}\n`;
}

function rightOf(cases: readonly ScoredCase[]): readonly [number, number, string] {
  const right = cases.filter(({ isRight }) => isRight).length;
  return [cases.length, right, share(right, cases.length)];
}

/** No capture here is from an EC2 instance, and that is said rather than counted as a failure of the agent. */
function agentNote(cases: readonly ScoredCase[]): string {
  const views = cases.map((one) => agentReportsAllowance(peerView(one)));
  const seen = views.filter((says) => says !== undefined).length;
  const fired = views.filter((says) => says === true).length;
  return `The node-monitoring-agent also has rules for EC2’s allowances, which need two samples of \`ethtool -S\`: ${seen} cases have these, and the rules fire in ${fired}; none of the captures is from an EC2 instance.`;
}
