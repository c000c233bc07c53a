import type { Capture } from '../capture/capture.ts';
import { parseKeyValues, wholeNumber } from '../parse/key-values.ts';
import { assemble, type Piece } from './assemble.ts';
import { LOWER_BOUND } from './found.ts';
import { areParted } from './hosts/parted.ts';
import { type HostLines, type SplitPaste, splitByHost } from './hosts/split.ts';
import { ownRuns, toldLines } from './line-runs.ts';
import { type PasteLine, pasteLines } from './paste-line.ts';
import { recognise } from './recognise.ts';
import { runsOf, type SeenPiece, seenIn } from './seen.ts';
import { spelledOut } from './short-forms.ts';

/** Lines that were read as something, for the report. */
export interface UsedPiece {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** 0 and 1 when there are two samples. */
  readonly sample: 0 | 1 | undefined;
}

/** Lines that say nothing here, and why. */
export interface IgnoredPiece {
  readonly from: number;
  readonly to: number;
  readonly why: string;
}

/** What a paste holds of one host. */
export interface PastedHost {
  /** The host's name as the text gives it, without a port; `undefined` where the text names none. */
  readonly host: string | undefined;
  readonly capture: Capture;
  readonly used: readonly UsedPiece[];
  readonly ignored: readonly IgnoredPiece[];
  /** All that was recognised, used or not, with its telling numbers. */
  readonly seen: readonly SeenPiece[];
  /** Lines that no shape fits; none of them is told of in `seen`. */
  readonly unknown: readonly { readonly from: number; readonly to: number }[];
}

/** A paste taken apart. */
export interface Paste {
  /** One a host, in the order in which the text comes to them; at least one, unless all is unassigned. */
  readonly hosts: readonly PastedHost[];
  /**
   * What is of one of several hosts, and nothing says of which: read without pairs, and while there is any, nothing may be
   * offered.
   */
  readonly unassigned: PastedHost | undefined;
}

const NOT_KNOWN = 'no tool’s output that is known here';

/**
 * Reads pasted text: any mix of tools' output, prompts and prose, in any order, of one host or of several; each piece is
 * recognised by its shape. Total and bounded: each line is looked at a fixed number of times. A text in which nothing is
 * recognised is one of a single host that holds nothing, whatever else stands in it.
 */
export function readPaste(text: string): Paste {
  const lines = linesOf(text);
  const { hosts, unassigned } = withoutParted(splitByHost(lines));
  const read = hosts.flatMap((one) => readHost(one, true, one.read) ?? []);
  const open = unassigned.length === 0 ? undefined : readHost({ host: undefined, lines: unassigned }, false);
  return read.length === 0 && open === undefined
    ? { hosts: [partOf({ host: undefined, lines }, true)], unassigned: undefined }
    : { hosts: read, unassigned: open };
}

/** What was recognised in the lines of one host. */
type Recognised = ReturnType<typeof recognise>;

interface ReadPaste extends SplitPaste {
  readonly hosts: readonly (HostLines & { readonly read: Recognised })[];
}

/** What looks like one host's and is around its samples told apart as two are is nobody's. */
function withoutParted({ hosts, unassigned }: SplitPaste): ReadPaste {
  const read = hosts.map((one) => ({ ...one, read: recognise(one.lines) }));
  const parted = read.filter((one) => areParted(one.lines, one.read));
  return {
    hosts: read.filter((one) => !parted.includes(one)),
    unassigned:
      parted.length === 0
        ? unassigned
        : [...unassigned, ...parted.flatMap(({ lines }) => lines)].toSorted((a, b) => a.number - b.number),
  };
}

/**
 * Reads text that is known to be of one host, whatever it names: a file of a node's bundle.
 *
 * @returns `undefined` when nothing in it looks like any tool's output
 */
export function readPasteOfOneHost(text: string): PastedHost | undefined {
  return readHost({ host: undefined, lines: linesOf(text) }, true);
}

function linesOf(text: string): readonly PasteLine[] {
  return spelledOut(pasteLines(text));
}

function readHost(part: HostLines, isOneHost: boolean, read?: Recognised): PastedHost | undefined {
  const host = partOf(part, isOneHost, read);
  return host.seen.length === 0 ? undefined : host;
}

function partOf(
  { host, lines }: HostLines,
  isOneHost: boolean,
  { pieces: read, rest, clock }: Recognised = recognise(lines),
): PastedHost {
  const isPart = read.some(({ found }) => found.source === LOWER_BOUND);
  const settings = isPart ? settingsOf(read) : new Map<string, string>();
  const pieces = read.map((piece) => countedOn(piece, settings));
  const { sections, windowSeconds, isOrdered, used, passedOver } = assemble(pieces, { isOneHost });
  const end = pieces.reduce((latest, { now }) => Math.max(latest, now), 0);
  const uptime = pieces.findLast(({ found }) => found.source === 'uptime');
  const useless = pieces.filter(({ found }) => found.source === undefined);
  // A note on lines that were set aside makes no use of them.
  const aside = new Set(useless.flatMap(({ found, from }) => (found.readAs === undefined ? [] : [from])));
  const runs = ownRuns(lines);
  const told = toldLines(pieces, rest, runs);
  return {
    host,
    capture: {
      origin: 'paste',
      sections,
      unknownSections: [],
      complete: true,
      clock: {
        windowSeconds,
        isOrdered,
        endUptimeSeconds: uptime === undefined ? undefined : Number(uptime.found.text) + end - uptime.now,
        endEpochMs: clock.epochMsAt(end),
      },
    },
    used: joined(
      used
        .filter(({ piece }) => !aside.has(piece.from))
        .flatMap(({ piece, sample }) =>
          runs(piece).map((run) => ({ name: piece.found.name, ...run, sample })),
        ),
      told,
    ),
    seen: seenIn(
      used,
      [...passedOver, ...useless.map((piece) => ({ piece, why: piece.found.why ?? NOT_KNOWN }))],
      runs,
    ),
    unknown: unknownRuns(lines, rest),
    ignored: [
      ...passedOver.flatMap(({ piece, why }) =>
        runs(piece).map((run) => ({ ...run, why: `${piece.found.name}: ${why}` })),
      ),
      ...useless.flatMap((piece) =>
        runs(piece).map((run) => ({ ...run, why: `${piece.found.name}: ${piece.found.why ?? NOT_KNOWN}` })),
      ),
      ...unknownRuns(lines, rest).map(({ from, to }) => ({ from, to, why: NOT_KNOWN })),
    ].toSorted((a, b) => a.from - b.from),
  };
}

/** Use from which a lower bound of the count is as good as the count: the table is under pressure either way. */
const PRESSING_USE = 0.8;

/** Every setting of the paste, as it was last read. */
function settingsOf(pieces: readonly Piece[]): ReadonlyMap<string, string> {
  return parseKeyValues(pieces.map(({ found }) => (found.source === 'sysctl' ? found.text : '')).join('\n'));
}

/** A count of a part of the table says nothing, unless already that part nearly fills it. */
function countedOn(piece: Piece, settings: ReadonlyMap<string, string>): Piece {
  if (piece.found.source !== LOWER_BOUND) return piece;
  const max = wholeNumber(settings.get('nf_conntrack_max'));
  const least = wholeNumber(parseKeyValues(piece.found.text).get('nf_conntrack_count')) ?? 0;
  const isTelling = !settings.has('nf_conntrack_count') && max !== undefined && least >= max * PRESSING_USE;
  const found = isTelling
    ? { ...piece.found, source: 'sysctl' as const }
    : { ...piece.found, source: undefined, why: 'it may count a part of the table only' };
  return { ...piece, found };
}

/** Runs of lines that no shape fits, with nothing but blank lines between those of a run. */
function unknownRuns(lines: readonly PasteLine[], rest: readonly PasteLine[]) {
  const numbers = new Set(rest.map(({ number }) => number));
  const isOpen = ({ number, text, command }: PasteLine) =>
    numbers.has(number) || (command === undefined && text.trim() === '');
  const runs = runsOf(lines.filter(isOpen).map(({ number }) => ({ from: number, to: number })));
  const filled = rest.map(({ number }) => number);
  let next = 0;
  return runs.flatMap(({ from, to }) => {
    let [first, last]: (number | undefined)[] = [];
    for (; (filled[next] ?? Infinity) <= to; next += 1) {
      first ??= filled[next];
      last = filled[next];
    }
    return first === undefined || last === undefined || first < from ? [] : [{ from: first, to: last }];
  });
}

/** Lines that may stand between two pieces that are told as one: empty ones and commands. */
const MOST_BETWEEN = 2;

/** Joins neighbouring pieces of the same name and sample between which nothing else is told. */
function joined(pieces: readonly UsedPiece[], told: ReadonlySet<number>): readonly UsedPiece[] {
  const result: UsedPiece[] = [];
  for (const piece of pieces.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    const isNext =
      last !== undefined &&
      last.name === piece.name &&
      last.sample === piece.sample &&
      piece.from <= last.to + MOST_BETWEEN &&
      !isAnyBetween(told, last.to, piece.from);
    if (isNext) result[result.length - 1] = { ...last, to: Math.max(last.to, piece.to) };
    else result.push(piece);
  }
  return result;
}

function isAnyBetween(told: ReadonlySet<number>, after: number, before: number): boolean {
  for (let at = after + 1; at < before; at += 1) if (told.has(at)) return true;
  return false;
}
