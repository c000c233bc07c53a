import { assert as assertProperty, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../runbooks/index.ts';
import { cardOf } from '../../../src/core/card/card.ts';
import type { Incident } from '../../../src/core/record/incident.ts';
import { findLimitViolations, findViewLimitViolations } from '../../../src/slack/block-limits.ts';
import { cardMessage } from '../../../src/slack/card/blocks.ts';
import { cardView } from '../../../src/slack/card/view.ts';
import { anyText } from '../support/any-text.ts';
import { buildDiagnosis, buildNodePlan } from '../support/diagnoses.ts';
import { buildIncident, INCIDENT_STATES, NOW } from '../support/incidents.ts';
import { HOSTILE, poisoned } from '../support/poisoned.ts';
import { buildTrace } from '../support/syn-traces.ts';

const NODE_COUNTS = [1, 3, 20] as const;
const ALL = INCIDENT_STATES.flatMap((state) => NODE_COUNTS.map((nodes) => ({ state, nodes })));

/** The card's message with what is behind "More", and what Slack would refuse of the two. */
function render(incident: Incident) {
  const card = cardOf(incident, catalogue, NOW);
  return { ...cardMessage(card), view: cardView(card) };
}
const violationsOf = ({ view, ...message }: ReturnType<typeof render>): readonly string[] => [
  ...findLimitViolations(message),
  ...findViewLimitViolations(view),
];

/** Every text object of a message, and its top-level text, which Slack reads as mrkdwn. */
function textsOf(message: ReturnType<typeof render>): { type: string; text: string }[] {
  const texts = [{ type: 'mrkdwn', text: message.text }];
  JSON.stringify([message.blocks, message.view], (_key, value: unknown) => {
    if (typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string') {
      texts.push({ type: 'type' in value ? String(value.type) : '', text: value.text });
    }
    return value;
  });
  return texts.map(({ type, text }) => ({ type, text: asRead(text) }));
}

/** Our own dates and links to the AWS console as what a reader sees of them; anything else in angle brackets stays. */
const asRead = (text: string): string =>
  text
    .replaceAll(/<!date\^\d+\^[^<>|^]*\|([^<>|]*)>/g, '$1')
    .replaceAll(/<https:\/\/[a-z0-9-]+\.console\.aws\.amazon\.com\/[\w./?=#:%-]*\|([^<>]*)>/g, '$1');

const occurrences = (texts: readonly { text: string }[], pattern: RegExp): number =>
  texts.reduce((sum, { text }) => sum + [...text.matchAll(pattern)].length, 0);

describe('cardMessage', () => {
  it.each(ALL)('stays within every limit of Slack when $state with $nodes nodes', ({ state, nodes }) => {
    expect(violationsOf(render(buildIncident(state, { nodes })))).toEqual([]);
  });

  it.each(ALL)(
    'stays within every limit when $state with $nodes nodes and hostile text',
    ({ state, nodes }) => {
      const incident = buildIncident(state, { nodes });
      const { head } = incident;
      const traces = [
        undefined,
        buildTrace(head, 'running'),
        buildTrace(head, 'against'),
        buildTrace(head, 'failed'),
      ];
      for (const trace of traces)
        for (const { poison } of HOSTILE) {
          const traced =
            trace === undefined ? incident : { ...incident, head: { ...head, synTraces: [trace] } };
          const message = render(poisoned(traced, poison));
          expect(violationsOf(message)).toEqual([]);
          for (const { text } of textsOf(message)) expect(text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
        }
    },
  );

  it('stays within every limit when each node needs other numbers and everything is said at length', () => {
    const incident = buildIncident('awaiting-approval', {
      nodes: 20,
      diagnosis: buildDiagnosis({
        gaps: Array.from({ length: 40 }, (_, index) => `gap ${index} ${'y'.repeat(400)}`),
      }),
      head: { nodeGaps: Array.from({ length: 40 }, (_, index) => `i-${index}: offline ${'z'.repeat(400)}`) },
    });
    const plan = incident.head.plan;
    if (plan === undefined) throw new Error('The built incident has a plan.');
    const nodes = plan.nodes.map((node, index) =>
      buildNodePlan({
        instanceId: node.instanceId,
        max: { from: 131_072, to: 262_144 + index * 512 },
        warnings: [`w${index} ${'v'.repeat(900)}`],
      }),
    );
    const message = render({ ...incident, head: { ...incident.head, plan: { ...plan, nodes } } });
    expect(violationsOf(message)).toEqual([]);
  });

  it.each(INCIDENT_STATES)(
    'stays within every limit when %s with many verdicts and hostile text',
    (state) => {
      const verdicts = catalogue.map(({ id }) => id);
      const mixed = ({ collections, ...rest }: Incident): Incident => ({
        ...rest,
        collections: collections.map((one, index) => {
          if (one.outcome.kind === 'failed') return one;
          const verdict = verdicts[index % verdicts.length] ?? 'table-full';
          return { ...one, outcome: { ...one.outcome, diagnosis: { ...one.outcome.diagnosis, verdict } } };
        }),
      });
      const incident = mixed(buildIncident(state, { nodes: 20 }));
      for (const { poison } of HOSTILE) expect(violationsOf(render(poisoned(incident, poison)))).toEqual([]);
    },
  );

  const CLEAN = INCIDENT_STATES.map((state) => {
    const incident = buildIncident(state, { nodes: 3 });
    return { incident, clean: textsOf(render(poisoned(incident, ''))) };
  });

  it.each(HOSTILE)('lets no foreign text become markup: $what', ({ poison }) => {
    for (const { incident, clean } of CLEAN) {
      const texts = textsOf(render(poisoned(incident, poison)));
      for (const { text } of texts) {
        expect(text).not.toMatch(/[<>]/);
        expect(text).not.toMatch(/&(?!amp;|lt;|gt;)/);
        expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
      }
      const formatted = texts.filter(({ type }) => type === 'mrkdwn');
      expect(occurrences(formatted, /[`~]/g)).toBe(0);
      expect(occurrences(formatted, /:(?:skull|\+1):|:\/\//g)).toBe(0);
      expect(occurrences(formatted, /\*/g)).toBeLessThanOrEqual(occurrences(clean, /\*/g));
      expect(occurrences(formatted, /\n/g)).toBeLessThanOrEqual(occurrences(clean, /\n/g));
    }
  });

  it('puts no token into another where the name of an alarm holds a time', () => {
    const { blocks } = render(buildIncident('awaiting-approval', { alarm: { name: 'p99 14:02:10Z' } }));
    const text = JSON.stringify(blocks);
    expect(text).toContain('|p99 14:02:10Z>');
    expect(asRead(text)).not.toMatch(/[<>]/);
  });

  it('survives any string a node could send', () => {
    assertProperty(
      property(anyText(400), constantFrom(...INCIDENT_STATES), (poison, state) => {
        const message = render(poisoned(buildIncident(state, { nodes: 3 }), poison));
        expect(violationsOf(message)).toEqual([]);
        for (const { text } of textsOf(message)) expect(text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
      }),
      { numRuns: 60 },
    );
  });

  it('carries the incident and the plan in a button and nothing else', () => {
    const incident = buildIncident('awaiting-approval', { nodes: 3 });
    const values = [...JSON.stringify(render(incident)).matchAll(/"value":"((?:\\.|[^"\\])*)"/g)].map(
      ([, value = '']): unknown => JSON.parse(JSON.parse(`"${value}"`) as string),
    );
    const [own, plan] = [{ incident: incident.head.id }, { plan: incident.head.plan?.digest }];
    expect(values).toEqual([
      ...Array.from({ length: 3 }, () => ({ ...own, ...plan })),
      own,
      { ...own, ...plan },
      own,
      own,
      { ...own, ...plan, do: 'snooze' },
      { ...own, do: 'not-this' },
      { ...own, do: 'raw-evidence' },
      { ...own, do: 'show-fleet' },
    ]);
  });

  it('names its actions by what they do', () => {
    const ids = [
      ...JSON.stringify(render(buildIncident('awaiting-approval', { nodes: 3 }))).matchAll(
        /(?<="action_id":")[^"]+/g,
      ),
    ];
    expect(ids.map(([id]) => id)).toEqual([
      'medic.apply-one',
      'medic.apply-all',
      'medic.dismiss',
      'medic.trace',
      'medic.show-runbook',
      'medic.show-more',
      'medic.show-page',
      'medic.others',
    ]);
  });

  it('cuts no confirm dialog, not even with the largest numbers the documents take', () => {
    const nodePlan = { max: { from: 1_048_576, to: 4_194_304 }, buckets: { from: 1_048_576, to: 4_194_304 } };
    for (const state of ['awaiting-approval', 'applied-one', 'resolved'] as const) {
      const message = JSON.stringify(render(buildIncident(state, { nodes: 50, nodePlan })));
      const dialogs = [...message.matchAll(/"confirm":\{"title":.*?"deny":\{.*?\}/g)].map(
        ([dialog]) => dialog,
      );
      expect(dialogs.length).toBeGreaterThan(0);
      expect(dialogs.filter((dialog) => dialog.includes('…'))).toEqual([]);
    }
  });

  it('shows a headline that is too long for the header in full below it', () => {
    const headline = `The table is full ${'and so on '.repeat(20)}to its end.`;
    const { blocks } = render(
      buildIncident('awaiting-approval', { diagnosis: buildDiagnosis({ headline }) }),
    );
    expect(JSON.stringify(blocks[0])).toContain('…');
    expect(JSON.stringify(blocks[1])).toContain('to its end.');
  });

  it('gives the same message for the same record', () => {
    expect(render(buildIncident('verifying'))).toEqual(render(buildIncident('verifying')));
  });
});
