import { sampleStarts } from '../found.ts';
import { closedUp, type PasteLine } from '../paste-line.ts';
import { recognise } from '../recognise.ts';
import { hostLoopOf } from './commands.ts';
import { hostHeadings } from './headings.ts';
import { markedByIdentity } from './identity.ts';
import { hostOfLine } from './labels.ts';
import { withMentions } from './mentions.ts';
import { HostNames } from './names.ts';
import { Readings } from './readings.ts';
import { alertMessages } from './several/alert-messages.ts';
import { alertSentences } from './several/alerts.ts';
import { exportOfEachHost } from './several/columns-of-hosts.ts';
import { influxRows } from './several/influx-tables.ts';
import { loggedLines } from './several/log-records.ts';
import { loggedRows } from './several/log-tables.ts';
import { oneForEachNode } from './several/node-groups.ts';
import { listedNodes } from './several/node-lists.ts';
import { printedNames } from './several/printed-names.ts';
import { oneForEachHost } from './several/several-in-one.ts';
import { tableOfHostColumns } from './several/transposed.ts';
import { type Owners, ownersOf } from './walk.ts';

/** The lines of one host, as if they alone had been pasted. */
export interface HostLines {
  /** The name by which the text calls it first; `undefined` where it names none. */
  readonly host: string | undefined;
  readonly lines: readonly PasteLine[];
}

/** A paste by host. */
export interface SplitPaste {
  /** One a host, in the order of the text; at least one unless all of the text is {@link SplitPaste.unassigned}. */
  readonly hosts: readonly HostLines[];
  /** What is of one of several hosts, and nothing says of which. */
  readonly unassigned: readonly PasteLine[];
}

/** Hosts that are told apart in one text; what is of others is nobody's. */
const MOST_HOSTS = 200;

/**
 * Takes a paste apart by host. What says whose a line is, the outermost first: a heading, what stands before the line or in
 * it, the host that a command runs on, the prompt, and last what `uname` or a boot id tell. A text that names one host, or
 * none, is of one.
 */
export function splitByHost(given: readonly PasteLine[]): SplitPaste {
  const all = oneForEachHost(
    exportOfEachHost(
      tableOfHostColumns(
        oneForEachNode(
          listedNodes(
            loggedRows(loggedLines(alertMessages(alertSentences(influxRows(printedNames(given)))))).flatMap(
              seriesOf,
            ),
          ),
        ),
      ),
    ),
  );
  const listed = new HostNames();
  for (const { command } of all)
    for (const name of (command === undefined ? undefined : hostLoopOf(command)?.names) ?? [])
      listed.of(name);
  const names = new HostNames();
  const readings = new Readings(all);
  const {
    headings,
    isOpen: isUnclear,
    isMixed,
  } = withMentions(all, hostHeadings(all, listed, readings), readings);
  const { owners, typed, lines, loops } = ownersOf(all, headings, names);
  const openLoops = loops.filter(({ at }) => isOpenLoop(all, owners, at));
  const isTold = [
    ...openLoops.map(({ at, loop }) => dealOut(lines, owners, { at, names: loop.names, hosts: names })),
    nameTheRest(lines, owners, names),
    !isUnclear,
  ].every(Boolean);
  const named = [...new Set(owners.filter((owner) => owner !== undefined))].slice(0, MOST_HOSTS);
  if (named.length < 2 && isTold && !isMixed) return { hosts: [asOne(all, named[0])], unassigned: [] };
  const parts = partsOf({ lines, owners, typed }, new Set(named));
  const telling = parts.filter((part) => part.host !== undefined && hasPieces(part.lines));
  const nameless = parts.find(({ host }) => host === undefined)?.lines ?? [];
  const isOpen = hasPieces(nameless);
  if (telling.length < 2 && ((isTold && !isMixed) || !isOpen))
    return { hosts: [asOne(all, telling[0]?.host)], unassigned: [] };
  return { hosts: telling, unassigned: isOpen ? nameless : [] };
}

/** One series of an answer, with its values. */
const SERIES = /^\{\s*"metric"[^]{1,1500}?"values?"\s*:\s*\[[^]{1,1500}?\]\s*\}/;

/** One line a series where one line of JSON holds those of several hosts. */
function seriesOf(line: PasteLine): readonly PasteLine[] {
  if (!line.text.includes('"metric"')) return [line];
  const [head = '', ...series] = line.text.split(/(?=\{\s*"metric")/);
  const hosts = new Set([head, ...series].flatMap((text) => hostOfLine(text) ?? []));
  return hosts.size < 2 ? [line] : series.map((text) => ({ ...line, text: SERIES.exec(text)?.[0] ?? text }));
}

/** All lines are of one host, by whichever of its names they call it. */
function asOne(lines: readonly PasteLine[], host: string | undefined): HostLines {
  return { host, lines: host === undefined ? lines : lines.map((line) => called(line, host)) };
}

function called(line: PasteLine, host: string): PasteLine {
  return line.host === undefined ? line : { ...line, host };
}

function hasPieces(lines: readonly PasteLine[]): boolean {
  return recognise(lines).pieces.length > 0;
}

/** The lines of each host; output that is divided between hosts is led by its command for each. */
function partsOf(
  { lines, owners, typed }: Pick<Owners, 'lines' | 'owners' | 'typed'>,
  named: ReadonlySet<string>,
): readonly HostLines[] {
  const parts = new Map<
    string | undefined,
    { readonly lines: PasteLine[]; command: PasteLine | undefined }
  >();
  for (const [index, line] of lines.entries()) {
    const owner = owners[index];
    const host = owner !== undefined && named.has(owner) ? owner : undefined;
    const part = parts.get(host) ?? { lines: [], command: undefined };
    parts.set(host, part);
    const command = typed[index];
    if (line.command === undefined && command !== part.command && command !== undefined)
      part.lines.push({ ...command, host });
    part.command = command;
    part.lines.push(host === undefined ? line : called(line, host));
  }
  return Array.from(parts, ([host, part]) => ({ host, lines: closedUp(part.lines) }));
}

/** Where a command's output ends. */
function endOfOutput(lines: readonly PasteLine[], at: number): number {
  let end = at + 1;
  while (end < lines.length && lines[end]?.command === undefined) end += 1;
  return end;
}

/** Whether nothing in the output of a loop says whose it is. */
function isOpenLoop(
  lines: readonly PasteLine[],
  owners: readonly (string | undefined)[],
  at: number,
): boolean {
  const end = endOfOutput(lines, at);
  return owners.slice(at, end).every((owner) => owner === owners[at]);
}

/**
 * Gives the output of a loop to its hosts, one after the other: what comes again is the next one's. The command's own host
 * is where the loop runs, not what it looks at.
 *
 * @returns false where the output can't be divided so
 */
function dealOut(
  lines: readonly PasteLine[],
  owners: (string | undefined)[],
  { at, names, hosts }: { at: number; names: readonly string[] | undefined; hosts: HostNames },
): boolean {
  const command = lines[at];
  const end = endOfOutput(lines, at);
  if (command === undefined) return true;
  const output = lines.slice(at + 1, end);
  const { pieces } = recognise([command, ...output]);
  const starts = sampleStarts(pieces);
  for (let index = at; index < end; index += 1) owners[index] = undefined;
  if (starts.length === 0) return true;
  const isAsMany = names === undefined ? starts.length > 1 : names.length === starts.length;
  if (names?.length === 1) {
    for (let index = at; index < end; index += 1) owners[index] = hosts.of(names[0] ?? '');
    return true;
  }
  if (!isAsMany) return false;
  for (let index = at + 1; index < end; index += 1) {
    const block = starts.findLastIndex((from) => from <= (lines[index]?.number ?? 0));
    if (block >= 0) owners[index] = hosts.of(names?.[block] ?? `host ${block + 1}`);
  }
  return true;
}

/** Gives what is still nobody's to those that `uname` or a boot id name; false where that leaves it open. */
function nameTheRest(lines: readonly PasteLine[], owners: (string | undefined)[], names: HostNames): boolean {
  const isOpen = (at: number) => owners[at] === undefined;
  const open = lines.filter((_, at) => isOpen(at));
  if (open.length === 0) return true;
  const evidence = () =>
    new Set(
      recognise(open)
        .pieces.filter(({ found }) => found.source !== 'host')
        .map(({ from }) => from),
    );
  let starts: ReadonlySet<number> | undefined;
  const marked = markedByIdentity(lines, isOpen, (at) => (starts ??= evidence()).has(lines[at]?.number ?? 0));
  for (const [at, owner] of marked.owners.entries()) if (owner !== undefined) owners[at] = names.of(owner);
  return marked.isTold;
}
