import type { Capture, Section } from './capture.ts';
import { SOURCE_OF_FILE } from './sources.ts';

/** A sample's `.time` file holds seconds since the Unix epoch, as `date +%s.%N` prints them. */
const TIME = /^(\d{9,11}(?:\.\d{1,9})?)\s*$/;

/** Whether a file of a folder is read: nothing else in it may be opened, it may hold the answer or another machine's view. */
export function isSampleFile(name: string): boolean {
  const [, source = '', time] = /^(?:before|after)\.(?:([\w-]{1,40})\.txt|(time))$/.exec(name) ?? [];
  return time !== undefined || SOURCE_OF_FILE.has(source);
}

/**
 * Reads a folder of saved output: `before.<source>.txt` and `after.<source>.txt`, with `before.time` and `after.time`
 * for when each sample was taken.
 *
 * @param files text by file name
 * @returns `undefined` when no file has such a name
 */
export function readFolder(files: ReadonlyMap<string, string>): Capture | undefined {
  const sections: Section[] = [];
  for (const [prefix, sample] of [
    ['before', 0],
    ['after', 1],
  ] as const) {
    for (const [name, source] of SOURCE_OF_FILE) {
      const text = files.get(`${prefix}.${name}.txt`);
      const isThere = sections.some((section) => section.source === source && section.sample === sample);
      if (text === undefined || isThere) continue;
      sections.push({ source, sample, status: 'ok', uptimeSeconds: undefined, text });
    }
  }
  if (sections.length === 0) return undefined;
  const [before, after] = [timeOf(files.get('before.time')), timeOf(files.get('after.time'))];
  return {
    origin: 'folder',
    sections,
    unknownSections: [],
    complete: true,
    clock: {
      windowSeconds: before === undefined || after === undefined ? undefined : after - before,
      endUptimeSeconds: undefined,
      endEpochMs: (after ?? before) === undefined ? undefined : (after ?? before ?? 0) * 1000,
    },
  };
}

function timeOf(text: string | undefined): number | undefined {
  const seconds = TIME.exec(text ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}
