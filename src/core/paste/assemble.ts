import type { Section, SectionStatus } from '../capture/capture.ts';
import { PACERS, type SourceId } from '../capture/sources.ts';
import { type Found, LOWER_BOUND } from './found.ts';
import { LEAST_TOLD_SECONDS } from './paste-clock.ts';

/** A recognised piece with where and when it was pasted. */
export interface Piece {
  readonly found: Found;
  readonly from: number;
  readonly to: number;
  /** Seconds on the paste's time line. */
  readonly now: number;
  /** Counts the boots that the text tells: readings of two are no pair. */
  readonly boot: number;
}

/** All pieces of one source that belong to one reading. */
interface Reading {
  readonly source: SourceId;
  readonly now: number;
  readonly boot: number;
  /** What was pasted for it; {@link piecesOf} adds what it keeps of the readings before it. */
  readonly pieces: Piece[];
  /** The reading before it, whose settings stay where this one does not name them. */
  readonly before: Reading | undefined;
}

/** The sections of a paste, the time between its samples, and what became of each piece. */
export interface Assembled {
  readonly sections: readonly Section[];
  readonly windowSeconds: number | undefined;
  /** Whether there are two samples whose distance the paste does not tell, only their order. */
  readonly isOrdered: boolean;
  readonly used: readonly { readonly piece: Piece; readonly sample: 0 | 1 | undefined }[];
  readonly passedOver: readonly PassedOver[];
}

/** A piece that no verdict rests on. */
export interface PassedOver {
  readonly piece: Piece;
  readonly why: string;
  /** The last reading of its source, where that is of the same boot and only its distance is not known. */
  readonly until?: string;
}

/** A second pair may be this much longer or shorter than the window: commands typed by hand lie seconds apart. */
const WINDOW_TOLERANCE = 0.5;

/**
 * Makes sections of pieces. Two readings of one source are two samples only if they are of one boot and the paste tells
 * how much later the second is; otherwise the last reading counts alone.
 *
 * @param pieces of one host, or of hosts that nothing tells apart
 * @param options.isOneHost whether they are of one; otherwise no two readings are a pair
 */
export function assemble(
  pieces: readonly Piece[],
  { isOneHost }: { readonly isOneHost: boolean } = { isOneHost: true },
): Assembled {
  const readings = readingsOf(pieces);
  const sources = [...new Set(readings.map(({ source }) => source))];
  const pairs = new Map(
    sources.map((source) => {
      const { first, last } = pairOf(readings.filter((one) => one.source === source));
      return [source, { first: isOneHost ? first : undefined, last }];
    }),
  );
  const pacer =
    PACERS.find((source) => (elapsed(pairs.get(source)) ?? 0) >= LEAST_TOLD_SECONDS) ??
    PACERS.find((source) => pairs.get(source)?.first !== undefined);
  const windowSeconds = pacer === undefined ? undefined : elapsed(pairs.get(pacer));
  const isOrdered = windowSeconds !== undefined && windowSeconds < LEAST_TOLD_SECONDS;
  const sections: Section[] = [];
  const used = new Map<Piece, 0 | 1 | undefined>();
  for (const [source, { first, last }] of pairs) {
    if (last === undefined) continue;
    const seconds = elapsed({ first, last });
    const isPair =
      first !== undefined &&
      seconds !== undefined &&
      windowSeconds !== undefined &&
      (isOrdered || Math.abs(seconds - windowSeconds) <= windowSeconds * WINDOW_TOLERANCE);
    if (isPair) take(first, 0);
    take(last, isKeyless(last) ? undefined : 1);
    function take(reading: Reading, sample: 0 | 1 | undefined): void {
      const taken = piecesOf(reading);
      sections.push({
        source,
        sample,
        status: statusOf(reading),
        ...(reading.pieces.some(({ found }) => found.isExcerpt === true) ? { isExcerpt: true } : {}),
        uptimeSeconds: undefined,
        text: taken.map(({ found }) => found.text).join('\n'),
      });
      for (const piece of taken)
        if (!used.has(piece)) used.set(piece, windowSeconds === undefined ? undefined : sample);
    }
  }
  const isUsed = new Set(used.keys());
  const usedLines = new Set(Array.from(used.keys(), ({ from }) => from));
  const passedOver = readings.flatMap((reading) =>
    reading.pieces
      .filter((piece) => !isUsed.has(piece) && !usedLines.has(piece.from))
      .map((piece) => passedOverOf(piece, reading, { last: pairs.get(reading.source)?.last, isOneHost })),
  );
  return {
    sections,
    windowSeconds: isOrdered ? undefined : windowSeconds,
    isOrdered,
    used: Array.from(used, ([piece, sample]) => ({ piece, sample })),
    passedOver,
  };
}

function readingsOf(pieces: readonly Piece[]): readonly Reading[] {
  const readings: Reading[] = [];
  const latest = new Map<
    SourceId,
    { readonly reading: Reading; readonly keys: Set<string>; readonly ever: Set<string> }
  >();
  for (const piece of pieces) {
    const { source, keys } = piece.found;
    if (source === undefined || source === LOWER_BOUND) continue;
    const last = latest.get(source);
    if (last !== undefined && isOfReading(piece, last)) {
      last.reading.pieces.push(piece);
      for (const key of keys) {
        last.keys.add(key);
        last.ever.add(key);
      }
      continue;
    }
    const isKept = source === 'sysctl' && last?.reading.boot === piece.boot;
    const before = isKept ? last?.reading : undefined;
    const reading = { source, now: piece.now, boot: piece.boot, pieces: [piece], before };
    readings.push(reading);
    const ever = last?.ever ?? new Set();
    for (const key of keys) ever.add(key);
    latest.set(source, { reading, keys: new Set(keys), ever });
  }
  return readings;
}

function isOfReading(
  piece: Piece,
  {
    reading,
    keys,
    ever,
  }: { readonly reading: Reading; readonly keys: ReadonlySet<string>; readonly ever: ReadonlySet<string> },
): boolean {
  if (piece.found.keys.length === 0) return true;
  // What was read before and is read again later belongs to no reading of the time between.
  const isLater = piece.now - reading.now >= LEAST_TOLD_SECONDS;
  if (isLater && piece.found.keys.some((key) => ever.has(key))) return false;
  // What is read for the first time is no second sample, however much later it was read: count and limit make one reading.
  return reading.boot === piece.boot && !piece.found.keys.some((key) => keys.has(key));
}

/** Settings stay as they were last read: a second reading of the count keeps the limit of the first. */
function piecesOf(reading: Reading): readonly Piece[] {
  const newer = new Set(reading.pieces[0]?.found.keys);
  const kept: Piece[] = [];
  for (let { before } = reading; before !== undefined; before = before.before) {
    for (const piece of before.pieces.toReversed()) {
      if (piece.found.keys.some((key) => !newer.has(key))) kept.push(piece);
      for (const key of piece.found.keys) newer.add(key);
    }
  }
  return [...kept.toReversed(), ...reading.pieces];
}

interface Pair {
  readonly first: Reading | undefined;
  readonly last: Reading | undefined;
}

function pairOf(readings: readonly Reading[]): Pair {
  const last = readings.at(-1);
  const first = readings.findLast(
    (reading) =>
      last !== undefined && reading.now < last.now && reading.boot === last.boot && !isKeyless(reading),
  );
  return { first, last };
}

function elapsed(pair: Pair | undefined): number | undefined {
  return pair?.first === undefined || pair.last === undefined ? undefined : pair.last.now - pair.first.now;
}

function isKeyless({ pieces }: Reading): boolean {
  return pieces.every(({ found }) => found.keys.length === 0);
}

function statusOf({ pieces }: Reading): SectionStatus {
  return pieces.find(({ found }) => found.status !== undefined)?.found.status ?? 'ok';
}

function passedOverOf(
  piece: Piece,
  reading: Reading,
  { last, isOneHost }: { readonly last: Reading | undefined; readonly isOneHost: boolean },
): PassedOver {
  const why = whyPassedOver(reading, last);
  const isComparable =
    isOneHost &&
    last !== undefined &&
    last.boot === reading.boot &&
    reading.source !== 'sysctl' &&
    !isKeyless(reading);
  return isComparable
    ? {
        piece,
        why,
        until: piecesOf(last)
          .map(({ found }) => found.text)
          .join('\n'),
      }
    : { piece, why };
}

function whyPassedOver(reading: Reading, last: Reading | undefined): string {
  if (last !== undefined && reading.boot !== last.boot) return 'the node was booted again after it';
  if (reading.source === 'sysctl') return 'read again later';
  if (last !== undefined && reading.now === last.now)
    return 'how much earlier than the last reading it is, the text does not tell';
  return 'a later pair of readings is used';
}
