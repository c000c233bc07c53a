import { alarmEvent } from '../../local/demo/alarm-event.ts';
import type { Random } from '../random.ts';

/** One delivery of one state change of an alarm. */
export interface Delivery {
  readonly alarm: string;
  readonly state: 'ALARM' | 'OK';
  /** The alarm's own time, in milliseconds since the storm began. */
  readonly at: number;
  /** When it is delivered, in the same way. */
  readonly arrives: number;
}

/** How large a storm is. */
export interface StormSize {
  readonly events: number;
  readonly seconds: number;
  readonly alarms: readonly string[];
}

/** Of all deliveries: those that repeat another one, and those that come later than what followed them. */
const REPEATED = 0.15;
const LATE = 0.2;
/** How much later, at most, in milliseconds. */
const LATE_MS = 8000;
/** Of the state changes after an alarm's first firing: those that go to OK. Then it fires again sooner or later, or stays OK. */
const STAYS_OK = 0.1;

/**
 * State changes of alarms that all begin within the first tenth of the storm and then flap, as they are delivered: some twice, some
 * after what came after them.
 */
export function stormOf({ events, seconds, alarms }: StormSize, random: Random): readonly Delivery[] {
  const wholeMs = seconds * 1000;
  const words: Delivery[] = [];
  const changes = Math.floor(events * (1 - REPEATED));
  const each = Math.max(1, Math.floor(changes / alarms.length));
  for (const alarm of alarms) {
    let at = Math.floor(random.between(0, wholeMs / 10));
    const last = random.next() < STAYS_OK ? each : each - (each % 2 === 0 ? 1 : 0);
    for (let n = 0; n < last; n++) {
      const arrives = at + (random.next() < LATE ? random.between(0, LATE_MS) : random.between(0, 200));
      words.push({ alarm, state: n % 2 === 0 ? 'ALARM' : 'OK', at, arrives });
      at += Math.max(1, Math.floor(((wholeMs * 0.9) / each) * random.between(0.5, 1.5)));
    }
  }
  const wanted = events - words.length;
  for (let n = 0; n < wanted; n++) {
    const word = words[Math.floor(random.between(0, words.length))];
    if (word !== undefined) words.push({ ...word, arrives: word.arrives + random.between(0, LATE_MS) });
  }
  return words
    .map((word) => ({ ...word, arrives: Math.floor(word.arrives) }))
    .toSorted((a, b) => a.arrives - b.arrives);
}

/** The delivery as EventBridge makes it. */
export const eventOf = ({ alarm: name, state, at }: Delivery, began: number): object =>
  alarmEvent({
    name,
    state,
    at: began + at,
    reason: 'Threshold Crossed: 3 datapoints were greater than the threshold (0.5).',
  });
