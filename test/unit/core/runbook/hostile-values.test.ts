import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import { readCapture } from '../../../../src/core/capture/capture.ts';
import { assessCapture } from '../../../../src/core/diagnosis/assess.ts';
import { NodeCollection } from '../../../../src/core/record/collection.ts';
import type { IncidentNode } from '../../../../src/core/record/incident.ts';
import { renderNodeRunbook } from '../../../../src/core/runbook/render-runbook.ts';
import { recordedCases } from '../../support/captures.ts';
import { instanceId, stepTime } from '../../support/diagnoses.ts';
import { nodeOutput } from '../../support/node-output.ts';

/** What a node could put into its answers: words of the shell, an option, the end of a code block. */
const POISON = [';pwned', '$(pwned)', '`pwned`', "'pwned'", '|pwned', '-pwned', '/pwned', '\n```\npwned'];

/** Sources of which something stands in a command. */
const SOURCES = [
  'identity',
  'conntrack',
  'entries',
  'udp-rules',
  'ethtool',
  'timeouts',
  'neighbours',
  'kernel-log',
];

/** Modes whose runbooks speak of interfaces, ports, namespaces and settings, whatever the verdict is. */
const SPEAKING = [
  'ena-conntrack-allowance',
  'snat-ports-exhausted',
  'netns-table-full',
  'neighbour-overflow',
  'udp-flood',
];

/** Recorded answers of nodes, one of each verdict that a click can fix and one more; none of those nodes had a network card. */
const RECORDED = ['table-full', 'hash-chains-long', 'stale-udp-entry', 'netns-table-full'].flatMap((mode) => {
  const folder = recordedCases().find(
    ({ expected, capture }) => expected.verdict === mode && capture.origin === 'node',
  )?.folder;
  return folder === undefined ? [] : [readFileSync(join(folder, 'capture.txt'), 'utf8')];
});

const ANSWERS = [...RECORDED, nodeOutput()];

/** The answer with poison behind or in place of one word of each line of a source, another one from line to line. */
function* poisoned(answer: string): Generator<string> {
  for (const source of SOURCES) {
    for (let word = 0; word < 6; word++) {
      let turn = word;
      let isInside = false;
      const lines = answer.split('\n').map((line) => {
        if (line.startsWith('=== medic/1 ')) isInside = line.split(' ')[3] === source;
        if (!isInside || line.startsWith('=== medic/1 ')) return line;
        const poison = POISON[turn++ % POISON.length] ?? '';
        let at = -1;
        return line.replaceAll(/[^\s=]+/g, (text) =>
          ++at === word ? (turn % 3 === 0 ? poison : text + poison) : text,
        );
      });
      yield lines.join('\n');
    }
  }
}

const codeOf = (markdown: string): string =>
  Array.from(
    markdown.matchAll(/^```\w*\n([^]*?)^```|`([^`\n]+)`/gm),
    ([, block, inline]) => block ?? inline,
  ).join('\n');

describe('what a node says', () => {
  it('never becomes a word of a command', () => {
    let seen = 0;
    const found = new Set<string>();
    for (const answer of ANSWERS) {
      for (const text of poisoned(answer)) {
        const capture = readCapture(text);
        if (capture === undefined) continue;
        const { diagnosis, figures, plan } = assessCapture(capture, { instanceId: instanceId(0), catalogue });
        for (const verdict of new Set([diagnosis.verdict, ...SPEAKING])) {
          const own = verdict === diagnosis.verdict ? plan : undefined;
          const subject = { node: instanceId(0), diagnosis: { ...diagnosis, verdict }, figures, plan: own };
          const code = codeOf(renderNodeRunbook(subject, catalogue, runbookTexts).markdown);
          if (code.includes('pwned'))
            found.add(`${verdict}: ${code.split('\n').find((line) => line.includes('pwned'))}`);
          seen++;
        }
      }
    }
    expect(RECORDED).toHaveLength(4);
    expect(seen).toBeGreaterThan(900);
    expect([...found]).toEqual([]);
  });

  it('is refused by the record where it would stand in a command and is not of its pattern', () => {
    const [answer = ''] = ANSWERS;
    const capture = readCapture(answer);
    if (capture === undefined) throw new Error('the answer is no capture');
    const { diagnosis, figures } = assessCapture(capture, { instanceId: instanceId(0), catalogue });
    const stored = (changes: object) =>
      NodeCollection.safeParse({
        instanceId: instanceId(0),
        collection: 1,
        collectedAt: stepTime(1),
        outcome: { kind: 'diagnosed', diagnosis, figures: { ...figures, ...changes }, halfApplied: false },
      }).success;
    expect(stored({})).toBe(true);
    expect(stored({ interfaces: ['eth0', 'ens5.10'] })).toBe(true);
    expect(stored({ interfaces: ['eth0;pwned'] })).toBe(false);
    expect(stored({ interfaces: ['-S'] })).toBe(false);
    expect(stored({ fullNetns: '1 {system("pwned")}' })).toBe(false);
    expect(stored({ translatedPort: { protocol: 'tcp', port: '53;pwned' } })).toBe(false);
    expect(stored({ handSettings: { 'net.core.netdev_max_backlog': '1;pwned' } })).toBe(false);
  });

  it('neither do the names that come from tags and look-ups', () => {
    const capture = readCapture(ANSWERS[0] ?? '');
    if (capture === undefined) throw new Error('the answer is no capture');
    const rest = assessCapture(capture, { instanceId: instanceId(0), catalogue });
    // Behind a name a dash is a letter like any other.
    for (const poison of POISON.filter((one) => !one.startsWith('-'))) {
      const identity: IncidentNode = {
        instanceId: instanceId(0),
        account: `111122223333${poison}`,
        region: `eu-central-1${poison}`,
        cluster: poison,
        nodeGroup: poison,
        platform: poison,
      };
      for (const node of [instanceId(0), `${instanceId(0)}${poison}`]) {
        const { markdown } = renderNodeRunbook({ ...rest, node, identity }, catalogue, runbookTexts);
        expect(codeOf(markdown)).not.toContain('pwned');
      }
    }
  });
});
