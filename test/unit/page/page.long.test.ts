import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../../runbooks/index.ts';
import { auditOf } from '../../../src/core/audit/audit.ts';
import { rankNodes } from '../../../src/core/card/nodes.ts';
import { INCIDENT_NODES_MOST } from '../../../src/core/record/bounds.ts';
import type { Incident } from '../../../src/core/record/incident.ts';
import { measured, percent, show } from '../../../src/core/words.ts';
import { stepTime } from '../support/diagnoses.ts';
import { everyIncident } from '../support/every-incident.ts';
import { buildIncident, INCIDENT_STATES } from '../support/incidents.ts';
import {
  CLIENT,
  HOSTILE,
  historyOf,
  madeHostile,
  manyNodes,
  pageOfIncident,
  raisedNodes,
} from '../support/pages.ts';

/** The page without its style and its script, which hold no word of the record. */
const markupOf = (page: string): string => page.replaceAll(/<(style|script)>[\s\S]*?<\/\1>/g, '');

const NO_VALUE = /undefined|NaN|Infinity|\[object/;

/** What a reader sees, with plain spaces; entities of the page are read back. */
const textOf = (page: string): string =>
  markupOf(page)
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('\u202f', ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ');

describe('the page of an incident', () => {
  test.each(INCIDENT_STATES)('is made in every state: %s', (state) => {
    const page = pageOfIncident(buildIncident(state, { nodes: 3 }));
    expect(textOf(page)).toContain(state);
    expect(NO_VALUE.exec(markupOf(page))).toBeNull();
  });

  test('is made of every recorded capture in every state that follows from it', () => {
    const bad = everyIncident().flatMap(({ title, incident }) => {
      const found = NO_VALUE.exec(markupOf(pageOfIncident(incident)));
      return found === null ? [] : [`${title}: ${found[0]}`];
    });
    expect(bad).toEqual([]);
  });

  test('is the same for the same record', () => {
    expect(pageOfIncident(raisedNodes(), CLIENT) === pageOfIncident(raisedNodes(), CLIENT)).toBe(true);
  });

  test('has 300 KB at most with 50 nodes that all show something else', () => {
    const bytes = Buffer.byteLength(pageOfIncident(manyNodes(50), CLIENT));
    expect(bytes).toBeLessThanOrEqual(300 * 1024);
  });

  test('names every node of the largest incident, and has 600 KB at most', () => {
    const incident = manyNodes(INCIDENT_NODES_MOST);
    const page = pageOfIncident(incident, CLIENT);
    expect(incident.head.nodes.filter(({ instanceId }) => !page.includes(instanceId))).toEqual([]);
    expect(Buffer.byteLength(page)).toBeLessThanOrEqual(600 * 1024);
  });

  test('asks for nothing, and names its one style and its one script by their hashes', () => {
    const page = pageOfIncident(raisedNodes(), CLIENT);
    const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    const inlined = (tag: string) => [...page.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, 'g'))];
    for (const tag of ['style', 'script']) {
      const [only, another] = inlined(tag);
      expect(another).toBeUndefined();
      const hash = createHash('sha256')
        .update(only?.[1] ?? '')
        .digest('base64');
      expect(policy).toContain(`${tag}-src &#39;sha256-${hash}&#39;`);
    }
    expect(policy).toContain('default-src &#39;none&#39;');
    expect(policy).not.toContain('unsafe');
    expect(/ style=| on\w+=|(?:src|href)=(?!"?#|"data:,")/.exec(markupOf(page))).toBeNull();
  });
});

describe('the numbers of the page are those of the record', () => {
  test('facts of the verdict, limits, entries and drops', () => {
    const incident = raisedNodes();
    const text = textOf(pageOfIncident(incident));
    for (const { basis, seen } of rankNodes(incident, catalogue)) {
      const facts =
        basis?.diagnosis.findings.find(({ mode }) => mode === basis.diagnosis.verdict)?.because ?? [];
      expect(facts.length).toBeGreaterThan(0);
      for (const fact of facts) {
        expect(text).toContain(measured(fact));
        expect(text).toContain(`held against ${fact.threshold}`);
        expect(text).toContain(fact.source);
      }
      for (const figures of [basis?.figures, seen?.figures]) {
        const {
          count = 0,
          highest = count,
          max = 0,
          buckets = 0,
          fullDrops = 0,
          windowSeconds = 1,
        } = figures ?? {};
        for (const number of [highest, max, buckets, fullDrops]) expect(text).toContain(show(number));
        expect(text).toContain(percent(highest / max));
        expect(text).toContain(show(fullDrops / windowSeconds));
      }
    }
  });

  test('every finding of every node, with value, threshold and source', () => {
    const incident = manyNodes(20);
    const text = textOf(pageOfIncident(incident));
    for (const { outcome } of incident.collections) {
      if (outcome.kind === 'failed') continue;
      for (const { because, missing = [] } of outcome.diagnosis.findings) {
        for (const fact of because) expect(text).toContain(measured(fact));
        for (const { threshold, source } of because) {
          expect(text).toContain(`held against ${threshold}`);
          expect(text).toContain(source);
        }
        for (const one of missing) expect(text).toContain(one);
      }
    }
  });

  test('the plan with its arithmetic and its six layers, and the audit with its digest', () => {
    const incident = raisedNodes();
    const text = textOf(pageOfIncident(incident));
    const [plan] = incident.head.plan?.nodes ?? [];
    expect(plan?.layers).toHaveLength(6);
    for (const line of plan?.arithmetic ?? []) expect(text).toContain(line);
    for (const { layer, how } of plan?.layers ?? []) {
      expect(text).toContain(layer);
      expect(text).toContain(how);
    }
    expect(text).toContain(incident.head.plan?.digest);
    expect(text).toContain(auditOf(historyOf(incident)).digest);
    for (const { command, evidenceHash } of incident.collections)
      for (const hash of [command?.documentHash, evidenceHash])
        if (hash !== undefined) expect(text).toContain(hash);
  });

  test('what a client felt before the change and after it', () => {
    const text = textOf(pageOfIncident(raisedNodes(), CLIENT));
    expect(text).toContain('p99 up to 3,021.5 ms, 60 of 200 connections failed');
    expect(text).toContain('p99 up to 1.2 ms, 0 of 200 connections failed');
  });

  test('the last values of the alarm’s metric, which its sentence holds', () => {
    const reason =
      'Threshold Crossed: 3 out of the last 3 datapoints [2.41 (23/11/26 14:01:00), 1.7 (23/11/26 14:00:00), 0.3 (23/11/26 13:59:00)] were greater than the threshold (0.5) (minimum 3 datapoints for OK -> ALARM transition).';
    const text = textOf(pageOfIncident(buildIncident('diagnosed', { alarm: { reason } })));
    expect(text).toContain('2.41 s 2026-11-23 14:01:00Z');
    expect(text).toContain('threshold 0.5 s');
  });

  test('nothing is drawn of what is not known', () => {
    const page = pageOfIncident(buildIncident('collecting'));
    for (const chapter of ['felt', 'time', 'signals', 'made-of', 'plan', 'nodes'])
      expect(page).not.toContain(`<section id="${chapter}"`);
  });
});

/** The same, whose pods tell their sockets. */
function withPods(incident: Incident): Incident {
  const pod = { netns: '4026532178', established: 3, timeWait: 0, inUse: 12, states: { CLOSE_WAIT: 9 } };
  const podSockets = {
    pods: [
      { ...pod, pod: 'shop/checkout-7d9' },
      { ...pod, netns: '4026532179' },
    ],
  };
  const collections = incident.collections.map((one) =>
    one.outcome.kind === 'diagnosed'
      ? { ...one, outcome: { ...one.outcome, figures: { ...one.outcome.figures, podSockets } } }
      : one,
  );
  return { ...incident, collections };
}

describe('hostile words in every field', () => {
  const tags = (page: string) =>
    new Set(Array.from(page.matchAll(/<(\/?[a-z!][\w-]*)/gi), ([, tag = '']) => tag));
  const CLEAN = [withPods(raisedNodes()), manyNodes(4), buildIncident('partially-applied', { nodes: 3 })].map(
    (incident) => ({ incident, ours: tags(pageOfIncident(incident, CLIENT)) }),
  );

  test.each(HOSTILE)('%j stay words', (words) => {
    for (const { incident, ours } of CLEAN) {
      const page = pageOfIncident(madeHostile(incident, words), madeHostile(CLIENT, words));
      // Everything that opens a tag is a tag of ours, and so is every attribute.
      expect([...tags(page)].filter((tag) => !ours.has(tag))).toEqual([]);
      expect(/(?![\n\t\u202f])[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.exec(page)).toBeNull();
    }
  });
});

test('the story has the early warning and each alarm that joined, of many how many more', () => {
  const incident = raisedNodes();
  const joined = Array.from({ length: 14 }, (_, index) => ({
    incidentId: `inc-joined-${index}`,
    arn: `${incident.head.alarm.arn}-${index}`,
    name: `orders-p99-${index}`,
    joinedAt: stepTime(1),
    firedAt: stepTime(0),
    ...(index % 2 === 1 ? { okAt: stepTime(5) } : {}),
  }));
  const warned = { incidentId: 'inc-warning', since: stepTime(0), becameThis: true as const };
  const page = pageOfIncident({ ...incident, head: { ...incident.head, warned }, alarms: joined });
  for (const said of [
    'Early warning of nodes of this incident: inc-warning',
    'orders-p99-0 joined',
    'orders-p99-11 went back to OK',
    '2 more alarms joined from here on, 1 of them OK again since',
  ])
    expect(textOf(page)).toContain(said);
  expect(textOf(page)).not.toContain('orders-p99-12 joined');
});
