import { againstPeers, peersMistakes } from './against-peers.ts';
import { peerView } from './peer-view.ts';
import { agentReportsAllowance, PEERS } from './peers.ts';
import type { ScoredCase } from './scored-case.ts';
import { byMode, calibration, confusion, share, table } from './tables.ts';

/** Writes docs/accuracy.md: the same cases give the same page. */
export function accuracyPage(cases: readonly ScoredCase[]): string {
  const lab = cases.filter(({ group }) => group === 'lab');
  const field = cases.filter(({ group }) => group === 'field');
  const wrongOffers = cases.filter(
    ({ diagnosis, raiseHelps }) => diagnosis.offer.raise && raiseHelps === false,
  );
  const helpful = lab.filter(({ raiseHelps }) => raiseHelps === true);
  const offered = helpful.filter(({ diagnosis }) => diagnosis.offer.raise);
  return `${[
    '# Accuracy',
    '`npm run scoreboard` writes this page; it is never edited by hand.',
    [
      `${lab.length} captures of two samples from real kernels (\`test/fixtures/captures\`) and ${field.length} texts that people pasted in public threads, one sample each (\`test/fixtures/corpus\`).`,
      'A verdict is right when it is among those that the evidence alone allows. The rules were written with these cases at hand, so this page shows what they do, not how they fare on cases that nobody has seen.',
    ].join(' '),
    '## In short',
    table(
      ['', 'cases', 'right', 'share'],
      [
        ['captures', ...rightOf(lab)],
        ['pasted text', ...rightOf(field)],
        ['all', ...rightOf(cases)],
      ],
    ),
    [
      `Raises of nf_conntrack_max offered where one does not help: **${wrongOffers.length}**${wrongOffers.length === 0 ? '' : ` (${wrongOffers.map(({ id }) => id).join(', ')})`}.`,
      `Offered where one helps, of the captures: ${offered.length} of ${helpful.length}. Pasted text of one sample never gets an offer.`,
    ].join(' '),
    '## By failure mode',
    byMode(cases),
    '## Confusion matrix: its cells that are not zero',
    confusion(cases),
    '## What the confidence words are worth',
    calibration(cases),
    '## Beside the rules of other tools',
    `All of these answer one question: is the node’s own table full, or nearly so? The ${cases.filter(({ isTableFull }) => isTableFull === undefined).length} cases whose evidence allows both answers are left out. Each rule is run as its source states it, on the whole log, the count and the limit of the same case; none of the log rules asks how old a line is, so after a raise they go on reporting what was. In captures whose node is a network namespace of its own the kernel adds “in netns N” to the node’s own lines; it is taken off before the rules are run, because a host prints its lines without it. Captured lines get a syslog time for the rule that asks for one.`,
    againstPeers(cases),
    peersMistakes(cases),
    agentNote(cases),
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
