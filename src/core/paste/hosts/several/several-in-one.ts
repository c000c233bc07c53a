import { isRecord } from '../../json-text.ts';
import type { PasteLine } from '../../paste-line.ts';
import { canBeHost, HostNames, isHostLike, plainName } from '../names.ts';
import { cellsOf, tableHeadingOf } from './cells.ts';
import { withDocuments } from './documents.ts';
import { type Replacement, withReplaced } from './replaced.ts';

/** Headings of a column, and keys of an object, that name the machine which the rest is of. */
const NAMES_HOST =
  /^(?:(?:k8s|kubernetes|exported|worker)[_ ]?)?(?:node|host|hostname|instance|nodename|node[_ ]?name|host[_ ]?name|instance[_ ]?id|server|machine|worker|nodeip|node[_ ]?ip)$/i;

/** What stands in a column of hosts, or under such a key, and is none. */
const NO_CELL =
  /^(?:total|sum|all|avg|average|max|min|mean|any|none|null|undefined|unknown|true|false|localhost)$/i;

/** Levels of a document that are looked at: an answer of an API has its list within the first few. */
const MOST_DEPTH = 6;

/**
 * Makes what one table or one JSON document says of several hosts into one for each of them: a table with a column that
 * names the host becomes a table a host, under the same heading; a list of objects that name theirs becomes an object a host.
 * All else stays as it is.
 */
export function oneForEachHost(lines: readonly PasteLine[]): readonly PasteLine[] {
  return withDocuments(withReplaced(lines, tableAt), (value, [first]) => {
    if (first === undefined) return undefined;
    return objectsByHost(value, 0)?.map(({ host, value: item }) => ({
      ...first,
      text: JSON.stringify(item),
      host,
    }));
  });
}

/** Whether a text can be the name of a host in a cell or a value. */
function hostIn(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const name = plainName(value);
  return name !== '' && canBeHost(name) && !NO_CELL.test(name) ? name : undefined;
}

function tableAt(lines: readonly PasteLine[], at: number): Replacement | undefined {
  const table = tableHeadingOf(lines[at], SEPARATORS);
  if (table === undefined) return undefined;
  const { heading, cells, separator } = table;
  const isOfCounters = cells.filter((cell) => COUNTER.test(cell)).length > 0;
  if (!isOfCounters && !/conntrack/i.test(heading.text)) return undefined;
  const named = cells.findIndex((cell) => NAMES_HOST.test(cell));
  // A column that is only called a name holds names of anything: of machines where each looks like one.
  const column = named < 0 ? cells.findIndex((cell) => /^name$/i.test(cell)) : named;
  if (column < 0 || cells.length < 2) return undefined;
  const asRow = (row: readonly string[]) =>
    isOfCounters ? countersOf(cells, row) : row.join(separator.source === '\\|' ? ' | ' : '\t');
  const rows = new Map<string, PasteLine[]>();
  let end = at + 1;
  for (; end < lines.length; end += 1) {
    const line = lines[end];
    if (line === undefined || line.command !== undefined) break;
    if (/^[-:=+|\s]+$/.test(line.text) && line.text.trim() !== '') continue;
    const row = cellsOf(line.text, separator);
    const host = row.length === cells.length ? hostIn(row[column]) : undefined;
    if (host === undefined || NAMES_HOST.test(host) || (named < 0 && !isHostLike(host))) break;
    const those = rows.get(host) ?? [];
    those.push({ ...line, host, text: asRow(row) });
    rows.set(host, those);
  }
  if (rows.size === 0 || (rows.size === 1 && !isHostLike([...rows.keys()][0] ?? ''))) return undefined;
  const divided = [...rows].flatMap(([host, those]) => [
    ...(isOfCounters ? [] : [{ ...heading, host, text: asRow(cells) }]),
    ...those,
  ]);
  return { lines: divided, length: end - at };
}

/** How the cells of a table are set apart, the surest first. */
const SEPARATORS = [/\t/, /;/, /,/, /\|/, /\s{2,}/, /^(?:\S+ ){1,8}\S+$/] as const;

/** Columns that hold counters of conntrack by the names of `conntrack -S`. */
const COUNTER = /^(?:drop|early_drop|insert_failed|chaintoolong|search_restart|clash_resolve)$/;

/** A row of such a table as `conntrack -S` prints it. */
function countersOf(cells: readonly string[], row: readonly string[]): string {
  const read = cells.flatMap((cell, index) =>
    /^[a-z_]{3,20}$/.test(cell) && /^\d{1,20}$/.test(row[index] ?? '') ? [`${cell}=${row[index]}`] : [],
  );
  return `cpu=0 ${read.join(' ')}`;
}

interface OfHost {
  readonly host: string | undefined;
  readonly value: unknown;
}

/** The objects of the first list, or under the first set of keys, that name at least two hosts. */
function objectsByHost(value: unknown, depth: number): readonly OfHost[] | undefined {
  if (depth > MOST_DEPTH || typeof value !== 'object' || value === null) return undefined;
  const items: readonly OfHost[] = Array.isArray(value)
    ? value.map((item: unknown) => ({ host: hostOfObject(item), value: item }))
    : Object.entries(value).map(([key, item]) => ({
        host: isRecord(item) && isHostLike(key) ? hostIn(key) : undefined,
        value: item,
      }));
  const names = new HostNames();
  for (const { host } of items) if (host !== undefined) names.of(host);
  if (names.count > 1) return items;
  for (const { value: inner } of items) {
    const found = objectsByHost(inner, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The host that an object names, by a key of its own or by its labels. */
function hostOfObject(value: unknown): string | undefined {
  if (!isRecord(value)) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const host = NAMES_HOST.test(key) ? hostIn(item) : undefined;
    if (host !== undefined) return host;
  }
  const { metric, labels, tags, scope, involvedObject, regarding } = value;
  const about = involvedObject ?? regarding;
  if (isRecord(about) && about['kind'] === 'Node') return hostIn(about['name']);
  const scoped = typeof scope === 'string' ? /\bhost:([\w.-]{1,100})/.exec(scope)?.[1] : undefined;
  for (const inner of [metric, labels, tags]) {
    const host = isRecord(inner) ? hostOfObject(inner) : undefined;
    if (host !== undefined) return host;
  }
  return hostIn(scoped);
}
