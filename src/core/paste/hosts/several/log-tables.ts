import type { PasteLine } from '../../paste-line.ts';
import { canBeHost, plainName } from '../names.ts';
import { hostOfStream } from '../streams.ts';
import { cellsOf, quotedCellsOf } from './cells.ts';
import { type Replacement, withReplaced } from './replaced.ts';

/** Rows of one table, at most. */
const MOST_ROWS = 20_000;

const MESSAGE = /^@?(?:message|msg|log|line|text|content)$/i;
const HOST =
  /^(?:@?log_?stream(?:name)?|(?:kubernetes[._])?(?:node|host|hostname|nodename|node_name|instance|pod|pod_name)(?:[._]name)?)$/i;

/** Makes a table of logged lines, as consoles of log services export it, into those lines, each of its host or stream. */
export function loggedRows(lines: readonly PasteLine[]): readonly PasteLine[] {
  return withReplaced(lines, tableAt);
}

function tableAt(lines: readonly PasteLine[], at: number): Replacement | undefined {
  const heading = lines[at];
  if (heading === undefined || heading.command !== undefined || heading.text.length > 500) return undefined;
  const separator = ['\t', ';', ',', '|'].find((one) => heading.text.includes(one));
  if (separator === undefined) return undefined;
  const split = (text: string) => (separator === '|' ? cellsOf(text, /\|/) : quotedCellsOf(text, separator));
  const cells = split(heading.text);
  const [message, host] = [
    cells.findIndex((cell) => MESSAGE.test(cell)),
    cells.findIndex((cell) => HOST.test(cell)),
  ];
  if (message < 0 || host < 0) return undefined;
  const rows: PasteLine[] = [];
  let end = at + 1;
  for (; end < lines.length && rows.length < MOST_ROWS; end += 1) {
    const line = lines[end];
    if (line === undefined || line.command !== undefined) break;
    if (/^[-:=+|\s]+$/.test(line.text) && line.text.trim() !== '') continue;
    const row = split(line.text);
    // A message that is not quoted may hold the separator itself.
    const more = row.length - cells.length;
    if (more < 0) break;
    const name = hostIn(row[host > message ? host + more : host] ?? '');
    if (name === undefined) break;
    rows.push({ ...line, host: name, text: row.slice(message, message + 1 + more).join(separator) });
  }
  return rows.length === 0 ? undefined : { lines: rows, length: end - at };
}

function hostIn(cell: string): string | undefined {
  const name = hostOfStream(plainName(cell));
  return canBeHost(name) ? name : undefined;
}
