import {
  dropImpossible,
  type Field,
  type GapReason,
  NUMBER_FIELDS,
  NUMBERS,
  type NumberField,
  ProbeReading,
  TEXT_FIELDS,
  TEXTS,
} from './reading.ts';
import type { Sight } from './unseen.ts';

/** What series that others keep say of one node at one moment. Anybody may have written them, so nothing of it is checked yet. */
export interface SampledNode {
  /** Milliseconds since 1970 at which the newest sample was taken. */
  readonly at: number;
  /** Values as they came: NaN, infinite and broken ones among them. */
  readonly numbers: Readonly<Partial<Record<NumberField, number>>>;
  readonly kernel?: string;
}

/** How old a sample may be, in ms: with the interval of most scrapers and a few lost ones, and less than an outlook goes on with. */
const FRESH = 10 * 60_000;

/** How far the clock of who takes samples may be ahead, in ms: two services never agree to the second. */
export const CLOCKS_APART = 60_000;

/**
 * Makes a reading of samples. One that is old is no sight of the node, and neither is one from the future. What no series tells
 * is a gap: nothing but count, limit, counters, boot and kernel can be there, so what kube-proxy or a boot would make of the limit and
 * whether something drifted stay unknown.
 *
 * @param now milliseconds since 1970
 */
export function sightOfSamples({ at, numbers, kernel }: SampledNode, now: number): Sight {
  if (!Number.isSafeInteger(at) || at < now - FRESH || at > now + CLOCKS_APART)
    return { unseen: 'no-series' };
  const reading: Record<string, unknown> = { at };
  const gaps: Partial<Record<Field, GapReason>> = { drift: 'not-sampled' };
  for (const field of NUMBER_FIELDS) {
    const value = numbers[field];
    const why = value === undefined ? 'not-sampled' : faultOf(field, value);
    if (why === undefined) reading[field] = value;
    else gaps[field] = why;
  }
  for (const field of TEXT_FIELDS) {
    const value = field === 'kernel' ? kernel : undefined;
    if (value !== undefined && TEXTS[field].safeParse(value).success) reading[field] = value;
    else gaps[field] = value === undefined ? 'not-sampled' : 'unreadable';
  }
  dropImpossible(reading, gaps);
  const parsed = ProbeReading.safeParse({ ...reading, gaps });
  return parsed.success ? { reading: parsed.data } : { unseen: 'no-series' };
}

function faultOf(field: NumberField, value: number): GapReason | undefined {
  if (!Number.isSafeInteger(value)) return 'unreadable';
  return NUMBERS[field].safeParse(value).success ? undefined : 'impossible';
}
