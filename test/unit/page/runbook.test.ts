import { expect, it } from 'vitest';
import { catalogue } from '../../../runbooks/index.ts';
import { runbookTexts } from '../../../src/adapters/runbook-texts.ts';
import { renderRunbooks } from '../../../src/core/runbook/incident-runbooks.ts';
import { everyIncident } from '../support/every-incident.ts';
import { pageOfIncident } from '../support/pages.ts';

const PLAIN = /\\([!-/:-@[-`{-~])/g;

/** Words of a text, whatever they are marked up with. */
const wordsOf = (text: string) => text.match(/[\p{L}\p{N}]+/gu) ?? [];

const textOf = (page: string) =>
  page
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

it('the page of an incident has the whole of its leading runbook, every command as it is typed', () => {
  const cases = everyIncident().filter(({ title }) => / awaiting-approval$| no-fix-offered$/.test(title));
  expect(cases.length).toBeGreaterThan(20);
  for (const { title, incident } of cases) {
    const { markdown } = renderRunbooks(incident, catalogue, runbookTexts)[0];
    const page = pageOfIncident(incident);
    const [, chapter = ''] = /<section id="runbook"[^>]*>([\s\S]*?)<\/section>/.exec(page) ?? [];
    const [, first = ''] =
      /<div class="runbook">([\s\S]*?)<\/div>(?=<details class="runbook">|<p>Not on|$)/.exec(chapter) ?? [];
    const blocks = Array.from(markdown.matchAll(/^```\w*\n([^]*?)\n```$/gm), ([, code = '']) => code);
    const shown = Array.from(first.matchAll(/<pre[^>]*><code>([^]*?)<\/code><\/pre>/g), ([, code = '']) =>
      textOf(code),
    );
    expect({ title, blocks: shown }).toEqual({ title, blocks });
    const left = new Set(wordsOf(textOf(first)));
    const missing = wordsOf(markdown.replaceAll(PLAIN, '$1').replaceAll(/^```\w+$/gm, '')).filter(
      (word) => !left.has(word) && !/^\d+$/.test(word),
    );
    expect({ title, missing }).toEqual({ title, missing: [] });
  }
});
