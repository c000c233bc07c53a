import type { Recogniser } from '../found.ts';
import { keyOf, settingsFound } from './settings.ts';

/** One of several settings on a line. */
const ONE_OF_SEVERAL =
  /(?:^|[\s,;|"'])`?((?:net[./][\w./-]{1,120}[./])?(?:nf|ip)_conntrack_\w{1,60})`?\s?[:=]?\s?"?(\d{1,18})"?(?=$|[\s,;|"'])/g;

/** What stands between settings that somebody put side by side. */
const BETWEEN = /^[\s,;|/–-]{0,40}$/;

/** What a tool or a script puts around them: a key of a document, a sentence before. */
const AROUND = /^(?:\s*"?[\w ]{1,40}"?\s?:\s?)?["']?|["']?,?\s*$/g;

/** Several settings with their values on one line, and nothing else. */
export const settingsTogether: Recogniser = (lines, at) => {
  const text = lines[at]?.text ?? '';
  const all = [...text.matchAll(ONE_OF_SEVERAL)];
  if (all.length < 2 || !BETWEEN.test(text.replaceAll(ONE_OF_SEVERAL, ' ').replaceAll(AROUND, '')))
    return undefined;
  const read = all.flatMap(([, path = '', value = '']) => {
    const key = keyOf(path);
    return key === undefined ? [] : [{ key, value }];
  });
  const keys = read.map(({ key }) => key);
  if (read.length < 2 || new Set(keys).size < keys.length) return undefined;
  return settingsFound(
    keys,
    read.map(({ value }) => value),
  );
};

/** Count and limit as people's scripts print them: `conntrack: 262140/262144 (99%)`, `count/max: 65536 of 65536`. */
const COUNT_OF_LIMIT =
  /^\W{0,6}(?:(?:nf_)?conntrack\b[\w ()]{0,30}|count\s?\/\s?(?:max|limit))\W{1,4}(\d{1,10})\s*(?:\/|of|out of)\s*(\d{2,10})\b(?!\s{0,2}(?:passed|ready|tests?|pods?|nodes?|hosts?|done|ok|steps?|checks?|cpus?|failed|lines|packages?)\b).{0,30}$/i;

/** Limits below it are no kernel's: the smallest that one sets by itself has four digits. */
const LEAST_LIMIT = 100;

/** Count and limit by short names, in a line that says what they are of: `conntrack check: count=5 max=10`. */
const NAMED_COUNT =
  /conntrack\b[^=:]{0,40}[:\s]\s*\W?(?:count|entries|current|cur|used)\s?[:=]\s?"?(\d{1,10})"?\W{1,4}(?:max|limit|maximum|size)\s?[:=]\s?"?(\d{2,10})\b/i;

const COUNT_IN_JSON = /"(?:net\.netfilter\.)?nf_conntrack_count"\s?:\s?"?(\d{1,10})\b/;
const MAX_IN_JSON = /"(?:net\.netfilter\.)?nf_conntrack_max"\s?:\s?"?(\d{1,10})\b/;

/** `nf_conntrack table is full (262144/262144)`; a limit of four digits tells it from a part of anything else. */
const IN_BRACKETS = /conntrack\b[^()]{0,120}\((\d{3,10})\s?(?:\/|of|out of)\s?(\d{4,10})\)/i;

/** The status page of OpenWrt: `Active Connections  16021 / 16384 (97%)`. */
const ACTIVE_CONNECTIONS =
  /^\W{0,4}Active Connections\W{1,12}(\d{1,10})\s?\/\s?(\d{4,10})\s{0,3}\(\d{1,3}\s?%\)\s*$/i;

/** A sentence in which the names stand before their values with any word between: `nf_conntrack_count 为 65021`. */
const IN_SENTENCE =
  /\bnf_conntrack_count\b[^\w\n]{1,12}(\d{3,10})\b.{1,40}?\bnf_conntrack_max\b[^\w\n]{1,12}(\d{4,10})\b/i;

const OTHER_FORMS = [COUNT_OF_LIMIT, NAMED_COUNT, IN_BRACKETS, ACTIVE_CONNECTIONS, IN_SENTENCE] as const;

/** Count and limit on one line. */
export const countOfLimit: Recogniser = (lines, at) => {
  const text = lines[at]?.text ?? '';
  const [, count = COUNT_IN_JSON.exec(text)?.[1], max = MAX_IN_JSON.exec(text)?.[1]] =
    OTHER_FORMS.map((form) => form.exec(text)).find((match) => match !== null) ?? [];
  if (count === undefined || max === undefined || Number(count) > Number(max) * 2) return undefined;
  const found = {
    ...settingsFound(['nf_conntrack_count', 'nf_conntrack_max'], [count, max]),
    name: 'count and limit',
  };
  return Number(max) < LEAST_LIMIT
    ? { ...found, source: undefined, why: `no kernel has a limit of ${max}` }
    : found;
};
