import { Incident } from '../../../src/core/record/incident.ts';

/** Strings as a broken or hostile node, alarm or user name could bring them. */
export const HOSTILE: readonly { readonly what: string; readonly poison: string }[] = [
  { what: 'formatting marks', poison: '`rm -rf /` *bold* _italic_ ~gone~' },
  {
    what: 'mentions and links',
    poison: '<!channel> <@U0EVIL01> <#C0EVIL01> <https://evil.example|click me>',
  },
  { what: 'entities', poison: '&lt;!here&gt; & &amp; <' },
  { what: 'line breaks', poison: 'first\n*second line*\n> quoted\n• list' },
  { what: 'control characters', poison: '\u0000\u001B[31mred\u0007\u009B' },
  { what: 'direction marks', poison: '\u202Erorre\u2066\u200F\u200B\uFEFF' },
  { what: 'emoji codes and bare links', poison: ':skull: :+1: https://evil.example' },
  { what: 'a very long word', poison: 'x'.repeat(5000) },
  { what: 'a very long run of ampersands', poison: '&'.repeat(5000) },
  { what: 'a very long run of emoji', poison: '💥'.repeat(2500) },
  { what: 'a lone surrogate', poison: '\uD800 lone' },
  { what: 'nothing', poison: '' },
];

/** Keys whose text comes from a node, from the alarm, from the fleet or from Slack. */
const FOREIGN = new Set([
  'name',
  'metric',
  'reason',
  'zone',
  'instanceType',
  'instanceId',
  'headline',
  'why',
  'fact',
  'value',
  'unit',
  'source',
  'how',
  'detail',
  'gaps',
  'sentences',
  'nodeGaps',
  'warnings',
]);
const LONGEST: Readonly<Record<string, number>> = {
  name: 255,
  metric: 255,
  reason: 1024,
  value: 1024,
  sentences: 800,
};

/** The same record with `poison` behind every foreign string; still valid by its schema. */
export function poisoned(incident: Incident, poison: string): Incident {
  return Incident.parse(mapped(incident, '', poison));
}

function mapped(value: unknown, key: string, poison: string): unknown {
  if (typeof value === 'string')
    return FOREIGN.has(key) ? `${value} ${poison}`.slice(0, LONGEST[key] ?? Infinity) : value;
  if (Array.isArray(value)) return value.map((item) => mapped(item, key, poison));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapped(item, name, poison)]));
}
