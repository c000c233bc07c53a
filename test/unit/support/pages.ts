import { catalogue } from '../../../runbooks/index.ts';
import { runbookTexts } from '../../../src/adapters/runbook-texts.ts';
import type { Incident, IncidentHistory } from '../../../src/core/record/incident.ts';
import type { ClientLatency } from '../../../src/core/record/latency/client.ts';
import { renderPage } from '../../../src/page/page.ts';
import { recordedCases } from './captures.ts';
import { changeOf } from './every-incident.ts';
import { buildIncident } from './incidents.ts';
import { STEPPED } from './latencies.ts';
import { recordedIncident, recordedReading } from './recorded-incident.ts';
import { buildTrace } from './syn-traces.ts';

/** Everything that was stored of an incident, out of the record that its card is drawn from. */
export const historyOf = ({ head, collections, earlier, alarms }: Incident): IncidentHistory => ({
  head,
  alarms,
  collections: [...earlier, ...collections],
  plans: head.plan === undefined ? [] : [head.plan],
});

/** The page of an incident with the catalogue as it is. */
export const pageOfIncident = (incident: Incident, latency?: ClientLatency): string =>
  renderPage({ history: historyOf(incident), catalogue, texts: runbookTexts, latency });

/** `i-` and 17 hex digits, the same for the same number. */
const nodeId = (index: number): string => `i-0a11ce${String(index).padStart(11, '0')}`;

/** As many nodes as wanted, each with another recorded capture as far as there are any. */
export function manyNodes(count: number): Incident {
  const captures = recordedCases().map(({ mode, name }) => `${mode}/${name}`);
  const readings = Array.from({ length: count }, (_, index) =>
    recordedReading(nodeId(index), captures[index % captures.length]),
  );
  return recordedIncident('awaiting-approval', readings);
}

/** Three nodes whose tables were full and were raised: readings before and after, from captures. */
export function raisedNodes(): Incident {
  const ids = [nodeId(1), nodeId(2), nodeId(3)];
  const full = captureOf('table-full');
  const before = ids.map((id) => recordedReading(id, full));
  const after = ids.map((id) => recordedReading(id, 'not-the-node/healthy-busy', 2));
  const built = buildIncident('resolved', { nodes: 3 });
  const plans = before.flatMap(({ outcome }) =>
    outcome.kind === 'diagnosed' && outcome.plan !== undefined ? [outcome.plan] : [],
  );
  return recordedIncident('resolved', [...before, ...after], {
    decisions: built.head.decisions,
    remediations: plans.map((plan) => ({ ...changeOf(plan), instanceId: plan.instanceId })),
    collection: 2,
  });
}

/** The same nodes, of which the first was traced, and what CloudWatch says of the latencies behind the alarm. */
export function tracedNodes(): Incident {
  const { head, ...rest } = raisedNodes();
  return { ...rest, head: { ...head, latency: STEPPED, synTraces: [buildTrace(head, 'for')] } };
}

function captureOf(mode: string): string {
  const found = recordedCases().find((one) => one.mode === mode);
  if (found === undefined) throw new Error(`There is no recorded capture of ${mode}.`);
  return `${mode}/${found.name}`;
}

/** What a client felt around a change at 14:02:40. */
export const CLIENT: ClientLatency = {
  schema: 'medic.client-latency/1',
  what: 'new connections from another network namespace',
  samples: Array.from({ length: 40 }, (_, index) => {
    const isSick = index < 20;
    return {
      at: new Date(Date.parse('2026-11-23T14:02:20.000Z') + index * 1000).toISOString(),
      attempts: 10,
      failures: isSick ? 3 : 0,
      medianMs: isSick ? 12 : 0.4,
      p99Ms: isSick ? 3021.5 : 1.2,
    };
  }),
};

/** What people have tried in other pages, and what they would try in this one. */
export const HOSTILE: readonly string[] = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)' x='",
  '</style><script>alert(1)</script>',
  '</title><svg/onload=alert(1)>',
  '</script><script>alert(1)//',
  '<!-- --!><img src=x onerror=alert(1)>',
  '<iframe srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;">',
  '<base href="https://evil.example/">',
  '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
  '<link rel="stylesheet" href="https://evil.example/x.css">',
  '<a href="javascript:alert(1)">x</a>',
  '&lt;b&gt;&#60;script&#62;&amp;',
  'x onclick=alert(1) y',
  '`${alert(1)}` {{constructor}} <%= 7*7 %>',
  ']]><![CDATA[<script>alert(1)</script>',
  '\u202e\u2066gnp.exe\u2069 \u0000\u001b[31m\u2028 \ud800',
  '<svg><style><img src=x onerror=alert(1)></style></svg>',
  '<template><script>alert(1)</script></template>',
  '<details open ontoggle=alert(1)>',
];

/** Keys whose strings are of a closed list, a time or a hash wherever they stand in a record: no node can say anything there. */
const OURS =
  /^(schema|id|state|kind|to|from|outcome|layer|impact|confidence|setAside|by|at|[a-z]+At|expiresAt|digest|planDigest|evidenceHash|verdict|mode|key|what|arn)$/;

/**
 * The same record with words of a stranger in front of every string that is not held to a list or a pattern.
 * @param words the same for all of them, or those of the string that they stand in front of
 */
export function madeHostile<T>(value: T, words: string | ((own: string) => string), key = ''): T {
  if (typeof value === 'string') {
    if (OURS.test(key)) return value;
    return `${typeof words === 'string' ? words : words(value)}${value}` as T;
  }
  if (Array.isArray(value)) return value.map((one: unknown) => madeHostile(one, words, key)) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, madeHostile(inner, words, name)]),
  ) as T;
}
