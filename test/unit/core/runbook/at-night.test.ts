import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { runbookTexts } from '../../../../src/adapters/runbook-texts.ts';
import { renderRunbooks } from '../../../../src/core/runbook/incident-runbooks.ts';
import { SHORT_RUNBOOK_CHARS, shortRunbook } from '../../../../src/core/runbook/short-runbook.ts';
import { runbookMessages } from '../../../../src/slack/runbook/message.ts';
import { everyIncident } from '../../support/every-incident.ts';
import { renderedRunbooks } from '../../support/runbook-commands.ts';

/** Characters that a phone shows of a thread without scrolling, roughly: 25 lines of 36. */
const FIRST_SCREEN = 900;

/** In what order somebody who was woken up needs it. */
const ORDER = [
  'What to do now',
  'Verification',
  'Rollback',
  'Since then',
  'Meaning',
  'Impact',
  'Evidence',
  'The change',
  'What not to do and why',
  'Lasting fixes',
  'Sources',
  'Could not be seen',
  'Ruled out',
];

const WHERE = 'under "Show runbook" on the card';

interface Read {
  readonly where: string;
  readonly markdown: string;
}

const ofModes: Read[] = [...renderedRunbooks()];
const ofIncidents: Read[] = everyIncident().flatMap(({ title, incident }) =>
  renderRunbooks(incident, catalogue, runbookTexts).map(({ markdown }) => ({ where: title, markdown })),
);
const WITH_STEPS = /^## What to do now$/m;
const all = [...ofModes, ...ofIncidents.filter(({ markdown }) => WITH_STEPS.test(markdown))];

/** What is wrong with runbooks, a line each; the first few say it. */
function complaints(judge: (markdown: string) => readonly string[], of = all): readonly string[] {
  const found = of.flatMap(({ where, markdown }) => judge(markdown).map((what) => `${where}: ${what}`));
  return [...new Set(found)].slice(0, 12);
}

it('reads every mode for every capture, and incidents in every state', () => {
  expect(ofModes.length).toBeGreaterThan(1000);
  expect(all.length - ofModes.length).toBeGreaterThan(100);
});

const withoutCode = (markdown: string) => markdown.replaceAll(/^```[^]*?^```$/gm, '');
const proseOf = (markdown: string) => withoutCode(markdown).replaceAll(/^(?:\||#).*$/gm, '');
const sectionsOf = (markdown: string) => markdown.split(/^(?=## )/m);
const twice = (texts: readonly string[]) =>
  texts.filter((text, index) => texts.indexOf(text) !== index).map((text) => `twice: ${text}`);

describe('every runbook, as rendered for every capture and in every state of an incident', () => {
  it('begins with what to do, how to get there and when to stop, within the first screen', () => {
    expect(
      complaints((markdown) => {
        const at = {
          'a step': markdown.search(/^1\. \S/m),
          'a stop': markdown.search(/^Stop /m),
          'the way onto the node': markdown.search(/^aws ssm start-session /m),
        };
        return Object.entries(at).flatMap(([what, place]) =>
          place >= 0 && place < FIRST_SCREEN ? [] : [`${what} at ${place}`],
        );
      }, ofModes),
    ).toEqual([]);
    expect(
      complaints((markdown) => {
        const place = markdown.search(/^(?:1\. |The change is made |Do not make this change again)/m);
        return place >= 0 && place < FIRST_SCREEN ? [] : [`what to do at ${place}`];
      }),
    ).toEqual([]);
  });

  it('tells what to do first, then why, what not to do, and what was ruled out last', () => {
    expect(
      complaints((markdown) => {
        const own = Array.from(withoutCode(markdown).matchAll(/^## (.+)$/gm), ([, heading = '']) => heading)
          .filter((heading) => !/^(?:Other verdicts|What is possible on)/.test(heading))
          .map((heading) => ORDER.indexOf(heading));
        return own.every((place, index) => place >= 0 && place > (own[index - 1] ?? -1)) ? [] : [own.join()];
      }),
    ).toEqual([]);
  });

  it('has no heading with nothing under it', () => {
    expect(
      complaints((markdown) =>
        Array.from(markdown.matchAll(/^(##+ .+)\n+(?=##? |$(?![^]))/gm), ([, heading = '']) => heading),
      ),
    ).toEqual([]);
  });

  it('tells no sentence twice', () => {
    expect(
      complaints((markdown) =>
        twice(
          proseOf(markdown)
            .split(/(?<=[.:?!])\s+|\n+/)
            .map((sentence) => sentence.replace(/^(?:\d+\.|-) /, '').trim())
            .filter((sentence) => /\S+ \S+ \S+/.test(sentence)),
        ),
      ),
    ).toEqual([]);
  });

  it('tells no fact, no change and no size twice', () => {
    expect(
      complaints((markdown) => {
        const rows = Array.from(
          markdown.matchAll(/^\| (?!Fact |Not this |Layer |---)(.+?) \| (.+?) \|/gm),
          ([, first = '', second = '']) => [first, second] as const,
        );
        const facts = rows.map(([first, second]) =>
          /\d|absent|no\b/.test(second) ? `${first} ${second}` : first,
        );
        const changes = proseOf(markdown).match(/\d[\d,]* → \d[\d,]*(?: \w+)?/g) ?? [];
        const sizes = proseOf(markdown).match(/\d[\d,.]* (?:MiB|packets)\b/g) ?? [];
        return [...twice(facts), ...twice(changes), ...twice(sizes)];
      }),
    ).toEqual([]);
  });

  it('fits into a chat with all of its steps, cut at the end of a section and with where the rest is', () => {
    expect(
      complaints((markdown) => {
        const messages = runbookMessages(shortRunbook({ title: 't', markdown }, WHERE));
        const text = messages.map(({ blocks }) => blocks.map((block) => block.text).join()).join();
        const steps = /^## What to do now\n[^]*?(?=^## |$(?![^]))/m.exec(markdown)?.[0].trimEnd() ?? '';
        const isWhole = markdown.length <= SHORT_RUNBOOK_CHARS;
        const shown = sectionsOf(text)
          .slice(1)
          .map((section) => section.split('\n')[0]);
        const left = sectionsOf(markdown)
          .slice(1 + shown.length)
          .map((section) => section.split('\n')[0]?.slice(3));
        return [
          ...(messages.length === 1 && text.length <= SHORT_RUNBOOK_CHARS
            ? []
            : [`${text.length} characters`]),
          ...(text.length >= steps.length && shown[0] === '## What to do now' ? [] : ['no steps']),
          ...(isWhole ||
          text.trimEnd().endsWith(`Not here: ${left.join(' · ')}. The whole runbook is ${WHERE}.`)
            ? []
            : [text.slice(-160)]),
        ];
      }),
    ).toEqual([]);
  });
});
