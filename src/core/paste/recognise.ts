import { counterTotal, parseProcCounters } from '../parse/conntrack-counters.ts';
import type { Piece } from './assemble.ts';
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
  stateCounts,
} from './flow-pieces.ts';
import { type Found, isElision, type Recogniser } from './found.ts';
import {
  allowanceLine,
  interfaceStatistics,
  kernelVersion,
  memoryLines,
  slabRow,
  uptimeLine,
} from './host-pieces.ts';
import { kernelMessage, kubeProxyMessage, problemDetectorMessage } from './log-pieces.ts';
import { PasteClock, spokenDelay, waitOf, wallTimeOf } from './paste-clock.ts';
import type { PasteLine } from './paste-line.ts';
import {
  listeners,
  netstatWords,
  nstatLines,
  procNetPair,
  socketSummary,
  sockstatLines,
} from './protocol-pieces.ts';
import { missingModule, pathThenValue, setting, valuesOfCommand } from './setting-pieces.ts';

/** Every shape that is known, the more particular before the more general. */
const RECOGNISERS: readonly Recogniser[] = [
  missingModule,
  kernelMessage,
  kubeProxyMessage,
  problemDetectorMessage,
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
  stateCounts,
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
  allowanceLine,
  kernelVersion,
  firewallRules,
  requestTimings,
];

/** Recognises every piece of a paste and puts it on the paste's time line; `rest` is what no shape fits. */
export function recognise(lines: readonly PasteLine[]): {
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
    const place = { from: line.number, to: line.number + found.lines - 1, now: clock.now, host };
    pieces.push({ ...place, found });
    const count = countIn(found);
    if (count !== undefined) pieces.push({ ...place, found: count });
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
  for (const recogniser of RECOGNISERS) {
    const found = recogniser(...args);
    if (found !== undefined) return found;
  }
  return undefined;
}
