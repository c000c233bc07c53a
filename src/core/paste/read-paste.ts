import type { Capture } from '../capture.ts';
import { assemble, type Piece } from './assemble.ts';
import {
  counterList,
  counterTable,
  neighbourCounters,
  procCounters,
  softnetRows,
  toolCounters,
} from './counter-pieces.ts';
import { exporterCounters, exporterMetric } from './exporter-pieces.ts';
import {
  ciliumLines,
  entries,
  firewallRules,
  natGateway,
  requestTimings,
  shownCount,
} from './flow-pieces.ts';
import { type Found, isElision, type Recogniser } from './found.ts';
import { interfaceStatistics, kernelVersion, memoryLines, slabRow, uptimeLine } from './host-pieces.ts';
import { kernelMessage, kubeProxyMessage } from './log-pieces.ts';
import { PasteClock, spokenDelay, waitOf, wallTimeOf } from './paste-clock.ts';
import { type PasteLine, pasteLines } from './paste-line.ts';
import {
  listeners,
  netstatWords,
  nstatLines,
  procNetPair,
  socketSummary,
  sockstatLines,
} from './protocol-pieces.ts';
import { missingModule, pathThenValue, setting, valuesOfCommand } from './setting-pieces.ts';

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

/** A paste taken apart. */
export interface Paste {
  readonly capture: Capture;
  readonly used: readonly UsedPiece[];
  readonly ignored: readonly IgnoredPiece[];
}

/** Every shape that is known, the more particular before the more general. */
const RECOGNISERS: readonly Recogniser[] = [
  missingModule,
  kernelMessage,
  kubeProxyMessage,
  ciliumLines,
  natGateway,
  procCounters,
  neighbourCounters,
  counterTable,
  toolCounters,
  counterList,
  exporterCounters,
  exporterMetric,
  softnetRows,
  valuesOfCommand,
  pathThenValue,
  uptimeLine,
  entries,
  shownCount,
  setting,
  nstatLines,
  procNetPair,
  netstatWords,
  sockstatLines,
  socketSummary,
  listeners,
  slabRow,
  memoryLines,
  interfaceStatistics,
  kernelVersion,
  firewallRules,
  requestTimings,
];

/** What only a machine prints: an address, a time of day, a unit of rate. Such text is evidence, if not of a kind known here. */
const MACHINE_MADE =
  /\b\d{1,3}(?:\.\d{1,3}){3}\b|\b\d\d:\d\d:\d\d\b|\b(?:pkts|packets|bytes|bits)\/s(?:ec)?\b|\b[\w.-]+\s?=\s?\d+\b/;

const NOT_KNOWN = 'no tool’s output that is known here';

/**
 * Reads pasted text: any mix of tools' output, prompts and prose, in any order; each piece is recognised by its shape.
 * Total and bounded: each line is looked at a fixed number of times.
 *
 * @returns `undefined` when nothing in the text looks like any tool's output
 */
export function readPaste(text: string): Paste | undefined {
  const lines = pasteLines(text);
  const { pieces, rest, clock } = recognise(lines);
  if (pieces.length === 0 && !rest.some((line) => MACHINE_MADE.test(line.text))) return undefined;
  const { sections, windowSeconds, used, passedOver } = assemble(pieces);
  const end = Math.max(...pieces.map(({ now }) => now), 0);
  const uptime = pieces.findLast(({ found }) => found.source === 'uptime');
  const useless = pieces.filter(({ found }) => found.source === undefined);
  return {
    capture: {
      origin: 'paste',
      sections,
      complete: true,
      clock: {
        windowSeconds,
        endUptimeSeconds: uptime === undefined ? undefined : Number(uptime.found.text) + end - uptime.now,
        endEpochMs: clock.epochMsAt(end),
      },
    },
    used: joined(
      used.map(({ piece, sample }) => ({ name: piece.found.name, from: piece.from, to: piece.to, sample })),
    ),
    ignored: [
      ...passedOver.map(({ piece, why }) => ({
        from: piece.from,
        to: piece.to,
        why: `${piece.found.name}: ${why}`,
      })),
      ...useless.map(({ found, from, to }) => ({
        from,
        to,
        why: `${found.name}: ${found.why ?? NOT_KNOWN}`,
      })),
      ...joined(rest.map(({ number }) => ({ name: '', from: number, to: number, sample: undefined }))).map(
        ({ from, to }) => ({ from, to, why: NOT_KNOWN }),
      ),
    ].toSorted((a, b) => a.from - b.from),
  };
}

function recognise(lines: readonly PasteLine[]): {
  pieces: readonly Piece[];
  rest: readonly PasteLine[];
  clock: PasteClock;
} {
  const clock = new PasteClock();
  const pieces: Piece[] = [];
  const rest: PasteLine[] = [];
  const seen = new Set<string>();
  let command = '';
  let host: string | undefined;
  let since = clock.now;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at];
    if (line === undefined) break;
    if (line.command !== undefined) {
      if (line.timeOfDay !== undefined) clock.setTimeOfDay(line.timeOfDay);
      host = line.host ?? host;
      command = line.command;
      if (/^(?:sudo\s+)?sleep\b[^;&|]*$/.test(command)) clock.wait(waitOf(command) ?? 0);
      continue;
    }
    if (line.text.trim() === '' || isElision(line.text)) continue;
    const wall = wallTimeOf(line.text, command);
    const delay = spokenDelay(line.text);
    if (wall !== undefined) clock.setWall(wall);
    else if (delay !== undefined) clock.wait(delay);
    if (wall !== undefined || delay !== undefined) continue;
    const found = firstFound(lines, at, {
      command,
      isPod:
        /\bnsenter\b.*(?:-n|--net)|kubectl\s+(?:\S+\s+)*exec|ip netns exec|(?:docker|crictl)\s+exec/.test(
          command,
        ),
    });
    if (found === undefined) {
      rest.push(line);
      continue;
    }
    if (clock.now !== since) seen.clear();
    const marks = found.keys.map((key) => `${found.source} ${key}`);
    // A loop or `a; sleep 10; a` prints the same thing again after its wait.
    if (marks.some((mark) => seen.has(mark))) {
      clock.wait(waitOf(command) ?? 0);
      seen.clear();
    }
    since = clock.now;
    for (const mark of marks) seen.add(mark);
    pieces.push({ found, from: line.number, to: line.number + found.lines - 1, now: clock.now, host });
    at += found.lines - 1;
  }
  return { pieces, rest, clock };
}

function firstFound(...args: Parameters<Recogniser>): Found | undefined {
  for (const recogniser of RECOGNISERS) {
    const found = recogniser(...args);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Joins neighbouring pieces of the same name and sample. */
function joined(pieces: readonly UsedPiece[]): readonly UsedPiece[] {
  const result: UsedPiece[] = [];
  for (const piece of pieces.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    const isNext =
      last !== undefined &&
      last.name === piece.name &&
      last.sample === piece.sample &&
      piece.from <= last.to + 2;
    if (isNext) result[result.length - 1] = { ...last, to: Math.max(last.to, piece.to) };
    else result.push(piece);
  }
  return result;
}
