import { meaningOf, USE_PERCENT, USE_RATIO } from './monitoring/metric-names.ts';
import { riseAsked } from './monitoring/rates.ts';
import type { PasteLine } from './paste-line.ts';

/** Digits of a limit of connections: the smallest that a kernel sets by itself has four. */
const LIMIT = String.raw`\d{4,10}`;

/** `count 262140 / max 262144`, `count=5, limit=10`: what is counted the text says elsewhere. */
const COUNT_AND_MAX =
  /^(\W{0,6})(?:count|entries|current|used)\s?[:=]?\s{0,4}(\d{1,10})\s?(?:[/|,;]|of|out of|-)?\s{0,4}(?:max|limit|maximum)\s?[:=]?\s{0,4}(\d{4,10})\b.{0,30}$/i;

/** A heading of a table whose columns are called shortly: `NAME  COUNT  MAX`. */
const SHORT_COLUMN = /^(?:\*{0,2})(count|entries|current|used|max|limit|maximum)(?:\*{0,2})$/i;

/** One counter that somebody wrote down: `drop = 48211`. */
const ONE_COUNTER = /^\W{0,4}(drop|early_drop|insert_failed|chaintoolong)\s?[:=]\s?(\d{1,20})\W{0,3}$/;

/** A query that divides the count by the limit, as node_exporter and others call them. */
const RATIO_ASKED =
  /conntrack_(?:entries|count)\b[^\n]{0,300}\/[^\n]{0,300}conntrack_(?:entries_limit|max)\b/;

/** A series of an answer that has labels and no name, as what a query computes has none. */
const NAMELESS =
  /^(\s*)(\{[^{}]{0,600}\}\s*(?:=>\s*|\s|[,|]\s*)[+-]?\d{1,20}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?\b.*)$/;

/**
 * Puts back what short forms leave out, where the text itself says what it is about: a count beside a limit, a heading of
 * few letters, one counter, the answers of a query. In a text that never speaks of connection tracking all stays as it is.
 */
export function spelledOut(lines: readonly PasteLine[]): readonly PasteLine[] {
  const said = ({ text, command }: PasteLine) => command ?? text;
  const isAbout = lines.some((line) => /conntrack/i.test(said(line)));
  const queries = lines.flatMap((line, at) =>
    isQuery(said(line)) ? [{ at, name: nameAsked(said(line)) }] : [],
  );
  if (!isAbout && queries.every(({ name }) => name === undefined)) return lines;
  let next = 0;
  // Whose answers stand below several queries the nearest above tells; a single one may stand below its answers.
  let asked = queries.length === 1 ? queries[0]?.name : undefined;
  return lines.map((line, at) => {
    for (; queries.length > 1 && (queries[next]?.at ?? Infinity) <= at; next += 1)
      asked = queries[next]?.name;
    if (line.command !== undefined) return line;
    const text = spelled(line.text, asked, () => isAbout && isOfTable(lines, at));
    return text === line.text ? line : { ...line, text };
  });
}

/** Whether a line asks a monitoring system something: a function over a time, or a quotient of the table. */
function isQuery(text: string): boolean {
  return (
    !NAMELESS.test(text) &&
    (RATIO_ASKED.test(text) || /\b[a-z_]{3,20}\s*\([^"\n]{1,300}\[\d{1,4}\s?[smhd]/.test(text))
  );
}

/** The name for what a query answers; `undefined` where it means nothing here. */
function nameAsked(text: string): string | undefined {
  if (RATIO_ASKED.test(text)) return /\b100\b/.test(text) ? USE_PERCENT : USE_RATIO;
  const name = riseAsked(text);
  return name !== undefined && meaningOf(name) !== undefined ? name : undefined;
}

function spelled(text: string, use: string | undefined, isOverTable: () => boolean): string {
  if (use !== undefined && NAMELESS.test(text)) return text.replace(NAMELESS, `$1${use}$2`);
  if (use !== undefined && text.includes('"metric"')) return named(text, use);
  if (COUNT_AND_MAX.test(text)) return text.replace(COUNT_AND_MAX, '$1conntrack: $2/$3');
  if (ONE_COUNTER.test(text)) return text.replace(ONE_COUNTER, 'cpu=0 $1=$2');
  if (/conntrack/i.test(text) || /\d/.test(text)) return text;
  const heading = shortHeading(text);
  return heading !== text && isOverTable() ? heading : text;
}

/** Whether the rows below a heading hold a limit that a table of connections may have: pods and files have smaller ones. */
function isOfTable(lines: readonly PasteLine[], at: number): boolean {
  const row = lines.slice(at + 1, at + 3).find(({ text }) => /\d/.test(text));
  return (
    row !== undefined &&
    new RegExp(`(?:^|[\\s|,;])${LIMIT}(?:[\\s|,;]|$)`).test(row.text.replaceAll(/(?<=\d),(?=\d{3}\b)/g, ''))
  );
}

/** Gives the series of an answer that have none the name of what was asked for. */
function named(text: string, use: string): string {
  return text
    .replaceAll(/"metric"\s?:\s?\{\s?\}/g, `"metric":{"__name__":"${use}"}`)
    .replaceAll(
      /"metric"\s?:\s?\{(?=[^{}]{1,1000}\})(?![^{}]{0,1000}"__name__")/g,
      `"metric":{"__name__":"${use}",`,
    );
}

/** Both columns have to be there: a count alone is of anything. */
function shortHeading(text: string): string {
  const cells = text.trim().split(/\s{2,}|\t|\s?[|,;]\s?/);
  const short = cells.flatMap((cell) => SHORT_COLUMN.exec(cell)?.[1]?.toLowerCase() ?? []);
  const isCount = (name: string) => /^(?:count|entries|current|used)$/.test(name);
  if (short.filter(isCount).length !== 1 || short.length !== 2) return text;
  return text
    .replace(/\b(?:count|entries|current|used)\b/i, 'conntrack_count')
    .replace(/\b(?:max|limit|maximum)\b/i, 'conntrack_max');
}
