import type { Capture, Section } from '../capture/capture.ts';
import type { SourceId } from '../capture/sources.ts';
import { wallTimeOf } from '../paste/paste-clock.ts';
import { readPasteOfOneHost } from '../paste/read-paste.ts';
import type { SeenPiece } from '../paste/seen.ts';
import { CLOCK } from './layouts.ts';
import type { Place } from './place.ts';

/** A file of a bundle that was kept, whole or in part. */
export interface BundleFile {
  /** Path in the bundle, as people see it. */
  readonly path: string;
  readonly place: Place | undefined;
  readonly text: string;
  /** Whether there was more of it than is kept. */
  readonly isCut: boolean;
}

/** A file and what was read in it. */
export interface UsedFile {
  readonly path: string;
  /** What its pieces are called, with their telling numbers: `conntrack -S: drop 12`. */
  readonly names: readonly string[];
  readonly isCut: boolean;
}

/** The evidence of one node. */
export interface Evidence {
  readonly capture: Capture;
  readonly used: readonly UsedFile[];
  /** Files of a known place that held nothing that is known, or the same as another one. */
  readonly idle: readonly string[];
}

/** Sources of which several files make one reading: settings, interfaces, entries, messages of several kinds. */
const JOINED: ReadonlySet<SourceId> = new Set<SourceId>([
  'sysctl',
  'ethtool',
  'ct-sample',
  'kube-proxy-log',
  'cilium-metrics',
]);

/**
 * Makes one reading of the files of one node. A tool prints each thing once, so of each source there is one sample, whatever
 * dates stand in the files: nothing of a bundle is a pair. Where two files hold the same source, the one whose row stands
 * first counts.
 *
 * @param files in the order of their rows
 */
export function evidenceOf(files: readonly BundleFile[]): Evidence {
  const sections = new Map<SourceId, Section>();
  const used: UsedFile[] = [];
  const idle: string[] = [];
  let endEpochMs: number | undefined;
  for (const file of files) {
    if (file.place?.row.label === CLOCK) {
      endEpochMs ??= wallTimeOf(file.text, 'date')?.ms;
      continue;
    }
    const { found, names } = readingsOf(file);
    let isUsed = false;
    for (const { source, sample, text, status } of found) {
      const before = sections.get(source);
      if (before !== undefined && !JOINED.has(source)) continue;
      isUsed = true;
      sections.set(source, {
        source,
        // The newest reading, or what has no time.
        sample,
        status: before?.status ?? status,
        uptimeSeconds: undefined,
        text: before === undefined ? text : `${before.text}\n${text}`,
      });
    }
    if (isUsed) used.push({ path: file.path, names, isCut: file.isCut });
    else idle.push(file.path);
  }
  return {
    capture: {
      origin: 'paste',
      sections: [...sections.values()],
      unknownSections: [],
      complete: true,
      clock: { windowSeconds: undefined, endUptimeSeconds: uptimeIn(sections), endEpochMs },
    },
    used,
    idle,
  };
}

/** How long the node was up when it was read; kernel messages are aged by it. */
function uptimeIn(sections: ReadonlyMap<SourceId, Section>): number | undefined {
  const seconds = Number(sections.get('uptime')?.text);
  return seconds > 0 ? seconds : undefined;
}

function readingsOf({ place, text, isCut }: BundleFile): {
  readonly found: readonly Section[];
  readonly names: readonly string[];
} {
  const direct = place?.row.source;
  if (direct !== undefined) {
    const section = {
      source: direct,
      sample: undefined,
      status: 'ok',
      uptimeSeconds: undefined,
      text,
    } as const;
    return text.trim() === '' ? { found: [], names: [] } : { found: [section], names: [direct] };
  }
  const paste = readPasteOfOneHost(asTyped(text, place?.command, isCut));
  if (paste === undefined) return { found: [], names: [] };
  // Of a file that holds several readings the last one counts.
  const last = new Map(
    paste.capture.sections.filter(({ sample }) => sample !== 0).map((section) => [section.source, section]),
  );
  return { found: [...last.values()], names: paste.seen.map(told) };
}

/** What a piece is called, with its telling numbers. */
function told({ name, says }: SeenPiece): string {
  return says === undefined ? name : `${name}: ${says}`;
}

/** The text as a terminal would show it: each command in front of what it printed. */
function asTyped(text: string, command: string | undefined, isCut: boolean): string {
  const isNamedTwice = /^net\.netfilter\.nf_conntrack_max/m.test(text);
  const body = text
    .replaceAll(/^\*{2,5} ?Output of (.{1,80}?) ?\*{2,5}\s*$/gm, (_all, inner: string) =>
      prompt(inner, isCut),
    )
    .replaceAll(/^Interface ([\w.@-]{1,32}):?\s*$/gm, (_all, name: string) =>
      prompt(`ethtool -S ${name}`, false),
    )
    // One name for each setting: those of IPv6 have the same last part, and the limit has two names.
    .replaceAll(/^net\.ipv6\.\S{1,120} ?=.*$/gm, '')
    .replaceAll(/^net\.nf_conntrack_max ?=.*$/gm, (line) => (isNamedTwice ? '' : line));
  return command === undefined ? body : `${prompt(command, isCut)}\n${body}`;
}

/** A cut file is what `head` leaves of it. */
function prompt(command: string, isCut: boolean): string {
  return isCut && /^conntrack -L|nf_conntrack$/.test(command)
    ? `$ ${command} | head -n 100000`
    : `$ ${command}`;
}
