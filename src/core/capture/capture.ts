import * as z from 'zod';
import { SOURCES, SourceId } from './sources.ts';

const SectionStatus = z.enum(['ok', 'missing', 'denied', 'timeout', 'truncated']);

/** How a section of a capture ended on the node. */
export type SectionStatus = z.infer<typeof SectionStatus>;

/** Raw output of one source at one sample. */
export interface Section {
  readonly source: SourceId;
  /** 0 for the first sample, 1 for the second, `undefined` for a source that is read once. */
  readonly sample: 0 | 1 | undefined;
  readonly status: SectionStatus;
  /** Whether only a part of it was pasted, as a filter or its end: what it does not show is not ruled out. */
  readonly isExcerpt?: boolean;
  /** Uptime of the node in seconds when the source was read. */
  readonly uptimeSeconds: number | undefined;
  readonly text: string;
}

/** What a node returned, or what a human saved or pasted, cut into sections; nothing is interpreted yet. */
export interface Capture {
  /** `node`: our collector's output; `folder`: saved files of two samples; `paste`: recognised by shape. */
  readonly origin: 'node' | 'folder' | 'paste';
  readonly sections: readonly Section[];
  /**
   * Names of sections whose source or status this version does not know, as one of a later collector; nothing of them is
   * kept. Always empty for folders and pastes.
   */
  readonly unknownSections: readonly string[];
  /** True when the closing section was seen, so nothing was cut off. Always true for folders and pastes. */
  readonly complete: boolean;
  /** Seconds between the samples and the end of the second one, where the capture tells. */
  readonly clock: CaptureClock;
}

/** When the samples were taken. Each value is `undefined` where the capture does not tell. */
export interface CaptureClock {
  readonly windowSeconds: number | undefined;
  /** Whether it is told which of the two samples is the later one, although not by how much. */
  readonly isOrdered?: boolean;
  /** End of the window on the clock of kernel log stamps: seconds since boot. */
  readonly endUptimeSeconds: number | undefined;
  /** End of the window in milliseconds since the Unix epoch. */
  readonly endEpochMs: number | undefined;
}

const HEADER =
  /^=== medic\/1 (?<nonce>[a-z0-9]{16}) (?<name>[A-Za-z0-9_.-]{1,40}) (?<sample>[01-]) (?<status>[a-z]{1,20}) (?<uptime>\d{1,10}(?:\.\d{1,9})?)$/;

/** How each header begins: the lines between two are never looked at one by one. */
const HEADER_START = '=== medic/1 ';

const SAMPLES = { '0': 0, '1': 1, '-': undefined } as const;

/** A section's header. Its source and its status may be ones that only another version knows: such a section still begins. */
const Header = z.object({
  nonce: z.string(),
  name: z.string(),
  sample: z.enum(['0', '1', '-']).transform((sample) => SAMPLES[sample]),
  status: SectionStatus.optional().catch(undefined),
  uptime: z.coerce.number(),
});

/** Longest text that is looked at, in characters; GetCommandInvocation returns 24,000 (AWS API reference). */
const CAPTURE_MAX_CHARS = 400_000;

/**
 * Cuts the collector's output into sections.
 *
 * @param nonce the run's nonce; lines with another one are ordinary text, so nothing on the node can forge a section.
 *   Without it (a saved file) the first header's nonce counts.
 * @returns `undefined` when no section header is found
 */
export function readCapture(text: string, nonce?: string): Capture | undefined {
  const sections: Section[] = [];
  const places = new Set<string>();
  const unknownSections = new Set<string>();
  const given = text.slice(0, CAPTURE_MAX_CHARS);
  const whole = given.includes('\r') ? given.replaceAll('\r\n', '\n') : given;
  let expected = nonce;
  let open: { readonly section: Omit<Section, 'text'>; readonly from: number } | undefined;
  let complete = false;
  const close = (end?: number) => {
    if (open === undefined) return;
    const { section, from } = open;
    const place = placeOf(section.source, section.sample);
    if (!places.has(place)) sections.push({ ...section, text: whole.slice(from, end) });
    places.add(place);
  };
  for (let at = headerAt(whole, 0); at !== -1 && !complete; at = headerAt(whole, at + 1)) {
    const feed = whole.indexOf('\n', at);
    const end = feed === -1 ? whole.length : feed;
    const header = headerIn(whole.slice(at, end));
    if (header === undefined || (expected !== undefined && header.nonce !== expected)) continue;
    expected = header.nonce;
    // Without the line feed in front of this header; a section of no line ends before it begins, and is empty.
    close(at - 1);
    open = undefined;
    const { name, sample, status, uptime } = header;
    const source = SourceId.safeParse(name).data;
    if (name === 'end') complete = true;
    else if (source === undefined || status === undefined) unknownSections.add(name);
    else open = { section: { source, sample, status, uptimeSeconds: uptime }, from: end + 1 };
  }
  close();
  if (sections.length === 0) return undefined;
  return {
    origin: 'node',
    sections,
    unknownSections: [...unknownSections],
    complete,
    clock: clockOf(sections),
  };
}

/** Where the next line from there on begins that may be a header; -1 where none does. */
function headerAt(text: string, from: number): number {
  if (from === 0 && text.startsWith(HEADER_START)) return 0;
  const feed = text.indexOf(`\n${HEADER_START}`, Math.max(0, from - 1));
  return feed === -1 ? -1 : feed + 1;
}

function headerIn(line: string): z.infer<typeof Header> | undefined {
  const fields = HEADER.exec(line)?.groups;
  return fields === undefined ? undefined : Header.safeParse(fields).data;
}

function clockOf(sections: readonly Section[]): CaptureClock {
  const uptimes = (sample: 0 | 1) =>
    sections.flatMap((section) =>
      section.sample === sample && section.uptimeSeconds !== undefined ? [section.uptimeSeconds] : [],
    );
  const [first, second] = [uptimes(0), uptimes(1)];
  const start = first.length === 0 ? undefined : Math.min(...first);
  const end = second.length === 0 ? undefined : Math.min(...second);
  const last = sections.flatMap((section) =>
    section.uptimeSeconds === undefined ? [] : [section.uptimeSeconds],
  );
  return {
    windowSeconds: start === undefined || end === undefined ? undefined : end - start,
    endUptimeSeconds: last.length === 0 ? undefined : Math.max(...last),
    endEpochMs: undefined,
  };
}

const placeOf = (source: SourceId, sample: 0 | 1 | undefined): string => `${source} ${sample ?? '-'}`;

/** The first section at each place, of the lists that were asked for: all facts ask, many of them for the same. */
const PLACES = new WeakMap<readonly Section[], ReadonlyMap<string, Section>>();

function placesOf(sections: readonly Section[]): ReadonlyMap<string, Section> {
  const known = PLACES.get(sections);
  if (known !== undefined) return known;
  const places = new Map(
    sections.toReversed().map((section) => [placeOf(section.source, section.sample), section]),
  );
  PLACES.set(sections, places);
  return places;
}

/** The section of a source at a sample whatever its status, for those who say why something is unknown. */
export function sectionOf({ sections }: Capture, source: SourceId, sample?: 0 | 1): Section | undefined {
  return placesOf(sections).get(placeOf(source, sample));
}

/** Whether a section's text says what its source said: it was read whole, or what is left of it is true line by line. */
export function isRead({ source, status }: Section): boolean {
  return status === 'ok' || (status === 'truncated' && SOURCES[source].isReadCut === true);
}

/** The text of a source at a sample; `undefined` where it was not read. */
export function textAt(capture: Capture, source: SourceId, sample?: 0 | 1): string | undefined {
  const section = sectionOf(capture, source, sample);
  return section !== undefined && isRead(section) ? section.text : undefined;
}

/** The newest section of a source that was read: of the second sample, without a sample, of the first. */
export function newest(capture: Capture, source: SourceId): Section | undefined {
  return ([1, undefined, 0] as const)
    .map((sample) => sectionOf(capture, source, sample))
    .find((section) => section !== undefined && isRead(section));
}

/** Both texts of a source that was read whole at both samples, or a clause on which is missing. */
export function samplesOf(
  capture: Capture,
  source: SourceId,
): { readonly first: string; readonly second: string } | string {
  const [first, second] = [sectionOf(capture, source, 0), sectionOf(capture, source, 1)];
  if (first === undefined || second === undefined) return `${source}: not in the capture`;
  const cut = [first, second].find(({ status }) => status !== 'ok');
  return cut === undefined ? { first: first.text, second: second.text } : `${source}: ${cut.status}`;
}
