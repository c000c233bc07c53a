import { counterTotal, parseProcCounters } from '../parse/conntrack-counters.ts';
import type { Piece } from './assemble.ts';
import { isFilter, isFiltered } from './excerpt.ts';
import { type Context, type Found, isElision, LOWER_BOUND, marksOf, type Recogniser } from './found.ts';
import { bootLines } from './hosts/identity.ts';
import { isNameOfPod, looksIntoNamespace, ofNamespace, opensShell } from './namespaces.ts';
import {
  datedHeadingOf,
  headingTimeOf,
  PasteClock,
  saysLater,
  spokenDelay,
  waitOf,
  wallTimeOf,
} from './paste-clock.ts';
import type { PasteLine } from './paste-line.ts';
import { countOfStates } from './pieces/flows.ts';
import { SHAPES } from './shapes.ts';

/** Where a command was typed; the host as the prompt names it. */
interface Typed {
  readonly host: string | undefined;
  readonly line: number;
  readonly command: string;
}

/** Whether the same command was typed once more in one terminal. */
function isTypedAgain(now: Typed, before: Typed): boolean {
  return (
    now.host !== undefined &&
    now.host === before.host &&
    now.line !== before.line &&
    now.command === before.command
  );
}

/** What a command says of the lines after it, told once for all of them. */
function contextOf(command: string, isInside: boolean): Context {
  const isPod = isInside || looksIntoNamespace(command);
  return { command, isFilter: isFilter(command), isPod, wait: waitOf(command) };
}

function isExcerptOf({ source }: Found, { command, isFilter: isAny }: Context): boolean {
  return isAny && (source === undefined || source === LOWER_BOUND || isFiltered(command, source));
}

/** What stands before a command. */
function promptOf({ text, command = '' }: PasteLine): string {
  return text.slice(0, Math.max(0, text.length - command.length)).trim();
}

/** A line that is no tool's output may be a heading that gives a time, or an order. */
function followHeading(text: string, clock: PasteClock): void {
  const heading = headingTimeOf(text);
  const dated = datedHeadingOf(text);
  if (dated !== undefined) clock.setWall(dated);
  else if (heading === undefined) {
    if (saysLater(text)) clock.step();
  } else if ('timeOfDay' in heading) clock.setTimeOfDay(heading.timeOfDay);
  else clock.setElapsed(heading.elapsed);
}

/** Recognises every piece of a paste and puts it on the paste's time line; `rest` is what no shape fits. */
export function recognise(given: readonly PasteLine[]): {
  pieces: readonly Piece[];
  rest: readonly PasteLine[];
  clock: PasteClock;
} {
  // What was searched in vain is remembered by list, so each run has one of its own.
  const lines = [...given];
  const clock = new PasteClock();
  const pieces: Piece[] = [];
  const rest: PasteLine[] = [];
  const seen = new Map<string, Typed>();
  let typed: Typed | undefined;
  let context = contextOf('', false);
  let shell: string | undefined;
  let isTold = false;
  let since = clock.now;
  const boots = bootLines(lines);
  let boot = 0;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at];
    if (line === undefined) break;
    if (boots.has(line.number)) boot += 1;
    const stamp = line.stamp === undefined ? undefined : wallTimeOf(line.stamp, '');
    if (stamp !== undefined) clock.setWall(stamp);
    if (line.command !== undefined) {
      if (line.timeOfDay !== undefined) clock.setTimeOfDay(line.timeOfDay);
      if (shell === promptOf(line) || /^(?:exit|logout)\s*$/.test(line.command)) shell = undefined;
      context = contextOf(line.command, shell !== undefined || isNameOfPod(line.host));
      if (context.isPod && opensShell(line.command)) shell ??= promptOf(line);
      typed = { host: line.host, line: line.number, command: line.command.trim() };
      if (/^(?:sudo\s+)?sleep\b[^;&|]*$/.test(line.command)) clock.wait(context.wait ?? 0);
      continue;
    }
    if (line.text.trim() === '' || isElision(line.text)) continue;
    if (line.timeOfDay !== undefined) clock.setTimeOfDay(line.timeOfDay);
    const wall = wallTimeOf(line.text, context.command);
    const delay = spokenDelay(line.text);
    if (wall !== undefined) clock.setWall(wall);
    else if (delay !== undefined) clock.wait(delay);
    if (wall !== undefined || delay !== undefined) continue;
    const found = firstFound(lines, at, context);
    if (found === undefined) {
      followHeading(line.text, clock);
      rest.push(line);
      continue;
    }
    if (found.ms !== undefined) clock.setWall({ ms: found.ms, hasZone: true });
    if (clock.now !== since) seen.clear();
    const marks = marksOf(found);
    const before = marks.map((mark) => seen.get(mark)).find((one) => one !== undefined);
    // A loop or `a; sleep 10; a` prints the same thing again after its wait; in one terminal the later command is the later.
    if (before !== undefined) {
      const wait = context.wait ?? 0;
      if (wait > 0) clock.wait(wait);
      else if (typed !== undefined && isTypedAgain(typed, before)) clock.step();
      seen.clear();
    }
    since = clock.now;
    for (const mark of marks) seen.set(mark, typed ?? { host: undefined, line: 0, command: '' });
    const where = {
      from: line.number,
      to: lines[at + found.lines - 1]?.number ?? line.number,
      now: clock.now,
      boot,
    };
    if (found.sinceSeconds !== undefined) {
      pieces.push({ ...where, found: { ...found, text: found.text.replaceAll(/ \d{1,20}$/gm, ' 0') } });
      clock.wait(found.sinceSeconds);
    }
    const apart = context.isPod ? ofNamespace(found, isTold) : undefined;
    if (apart !== undefined) {
      isTold = true;
      for (const one of apart) pieces.push({ ...where, now: clock.now, found: one });
      at += found.lines - 1;
      continue;
    }
    pieces.push({
      ...where,
      now: clock.now,
      found: { ...found, isExcerpt: found.isExcerpt ?? isExcerptOf(found, context) },
    });
    const count = countIn(found) ?? countOfStates(found);
    if (count !== undefined) pieces.push({ ...where, found: count });
    for (const also of found.also ?? []) {
      if (also.ms !== undefined) clock.setWall({ ms: also.ms, hasZone: true });
      pieces.push({ ...where, now: clock.now, found: also });
    }
    at += found.lines - 1;
  }
  return { pieces, rest, clock };
}

/** The counters' `entries` column is the table's count (nf_conntrack_standalone.c, ct_cpu_seq_show). */
function countIn({ source, text, name, lines }: Found): Found | undefined {
  if (source !== 'stat-nf_conntrack' || !/^entries\s/.test(text)) return undefined;
  const counters = parseProcCounters(text);
  const count = counters === undefined ? undefined : counterTotal(counters, 'entries');
  if (count === undefined) return undefined;
  return {
    source: 'sysctl',
    name,
    lines,
    text: `nf_conntrack_count = ${count}`,
    keys: ['nf_conntrack_count'],
  };
}

function firstFound(...args: Parameters<Recogniser>): Found | undefined {
  for (const recogniser of SHAPES) {
    const found = recogniser(...args);
    if (found !== undefined) return found;
  }
  return undefined;
}
