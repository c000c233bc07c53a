import { describe, expect, it } from 'vitest';
import { findLimitViolations, findViewLimitViolations } from '../../../src/slack/block-limits.ts';
import { runbookMessages } from '../../../src/slack/runbook/message.ts';
import { runbookPieces } from '../../../src/slack/runbook/mrkdwn.ts';
import { runbookView } from '../../../src/slack/runbook/view.ts';
import { HOSTILE } from '../support/poisoned.ts';

const MARKDOWN = `# Table full

The table is **full**: \`nf_conntrack_count\` reached \\_max\\_ on [the docs](https://example.com/a).

1. Look
- one *literal*

| Fact | Seen |
| --- | --- |
| drops \\| all | 4,812 |

\`\`\`sh
sysctl -w net.netfilter.nf_conntrack_max=262144 && echo <ok>
\`\`\`
`;

describe('runbookPieces', () => {
  it('turns what our runbooks use into mrkdwn', () => {
    expect(runbookPieces(MARKDOWN)).toEqual([
      { kind: 'text', isHeading: true, lines: ['*Table full*'] },
      {
        kind: 'text',
        isHeading: false,
        lines: [
          'The table is *full*: `nf_conntrack_count` reached ＿max＿ on <https://example.com/a|the docs>.',
        ],
      },
      { kind: 'text', isHeading: false, lines: ['1. Look', '• one ∗literal∗'] },
      { kind: 'text', isHeading: false, lines: ['• Fact · Seen', '• drops | all · 4,812'] },
      {
        kind: 'code',
        isHeading: false,
        lines: ['sysctl -w net.netfilter.nf_conntrack_max=262144 &amp;&amp; echo &lt;ok&gt;'],
      },
    ]);
  });

  it('keeps a link to anything but the web as text', () => {
    expect(runbookPieces('[x](javascript:alert)')[0]?.lines[0]).not.toContain('<');
  });
});

describe('runbookView', () => {
  it('fits a modal', () => {
    const view = runbookView({ title: 'Table full', markdown: `${MARKDOWN}\n## Next\n\nMore.\n` });
    // Whoever opens it reads it: nothing of it waits behind "See more".
    for (const block of view.blocks.slice(1)) expect(block).toHaveProperty('expand', true);
    expect(findViewLimitViolations(view)).toEqual([]);
    expect(view.blocks.map(({ type }) => type)).toEqual(['header', 'section', 'section']);
    expect(JSON.stringify(view.blocks[2])).toContain('*Next*\\n\\nMore.');
  });

  it('splits long code between lines and fences every part', () => {
    const code = Array.from({ length: 200 }, (_, index) => `echo line ${index} ${'x'.repeat(60)}`).join('\n');
    const view = runbookView({ title: 't', markdown: `\`\`\`\n${code}\n\`\`\`` });
    const texts = view.blocks.slice(1).map((block) => JSON.stringify(block));
    expect(texts.length).toBeGreaterThan(4);
    expect(texts.filter((text) => /"```\\n.*\\n```"/.test(text))).toHaveLength(texts.length);
    expect(findViewLimitViolations(view)).toEqual([]);
  });

  it('says where the rest is when it is too long', () => {
    const view = runbookView({
      title: 't',
      markdown: Array.from({ length: 150 }, (_, index) => `# Part ${index}\n\nText`).join('\n\n'),
    });
    expect(findViewLimitViolations(view)).toEqual([]);
    expect(JSON.stringify(view.blocks.at(-1))).toContain('The rest is on the page of the incident');
  });

  it.each(HOSTILE)('fits a modal with $what in it', ({ poison }) => {
    expect(
      findViewLimitViolations(runbookView({ title: `t ${poison}`, markdown: `# h\n\nText ${poison}\n` })),
    ).toEqual([]);
  });
});

describe('runbookMessages', () => {
  it('sends a short runbook as one native markdown block', () => {
    const messages = runbookMessages({ title: 'Table full', markdown: MARKDOWN });
    expect(messages).toHaveLength(1);
    expect(messages[0]?.text).toBe('Runbook: Table full');
    expect(messages[0]?.blocks[0]?.text).toContain('| drops \\| all | 4,812 |');
  });

  it('splits a long one at headings, in order, and loses nothing', () => {
    const sections = Array.from(
      { length: 12 },
      (_, index) => `## Part ${index}\n\n${`word${index} `.repeat(300)}`,
    );
    const messages = runbookMessages({ title: 'Long', markdown: sections.join('\n\n') });
    expect(messages.length).toBeGreaterThan(1);
    for (const message of messages) expect(findLimitViolations(message)).toEqual([]);
    const all = messages.map(({ blocks }) => blocks[0]?.text).join('\n');
    expect([...all.matchAll(/## Part \d+/g)].map(([heading]) => heading)).toEqual(
      sections.map((text) => text.split('\n')[0]),
    );
    expect(messages[0]?.text).toBe(`Runbook: Long (1/${messages.length})`);
  });

  it('takes the meaning from what Slack would read as a mention', () => {
    const text = runbookMessages({
      title: 't',
      markdown: 'a <!here> <@U1> <https://evil.example|x> and 1 < 2',
    })[0]?.blocks[0]?.text;
    expect(text).toBe('a &lt;!here> &lt;@U1> &lt;https://evil.example|x> and 1 < 2');
  });

  it('keeps numbers and units together in its text, and leaves commands as they are', () => {
    const markdown = 'In 10 s `sleep 10 s` 98 %\n\n```sh\necho 10 %; sleep 10 s\n```\n\nof 5 MiB';
    expect(runbookMessages({ title: 't', markdown })[0]?.blocks[0]?.text).toBe(
      'In 10\u202Fs `sleep 10 s` 98\u202F%\n\n```sh\necho 10 %; sleep 10 s\n```\n\nof 5\u202FMiB',
    );
  });
});
