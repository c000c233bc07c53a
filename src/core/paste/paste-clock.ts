const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** A moment that a line alone tells, in milliseconds since the Unix epoch. */
export interface WallTime {
  readonly ms: number;
  /** Whether a zone was printed that can be computed with; without one only differences mean something. */
  readonly hasZone: boolean;
}

/** Reads a line that holds a date and nothing else: `date`, `date -u`, ISO 8601; `date +%s` only after that command. */
export function wallTimeOf(text: string, command: string): WallTime | undefined {
  const bare = text.trim().replaceAll(/^[-=#*\s]+|(?<![-=#*\s])[-=#*\s]+$/g, '');
  if (/^\d{10}(?:\.\d{1,9})?$/.test(bare) && /\bdate\s+\+%s/.test(command))
    return { ms: Number(bare) * 1_000, hasZone: true };
  const iso =
    /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,]\d{1,9})?\s?(Z|UTC|[+-]\d\d:?\d\d)?$/.exec(bare);
  if (iso !== null) {
    const [, year, month, day, hours, minutes, seconds, zone] = iso;
    const ms = Date.UTC(
      Number(year),
      Number(month) - 1,
      Number(day),
      Number(hours),
      Number(minutes),
      Number(seconds),
    );
    return { ms: ms - offsetOf(zone) * 1_000, hasZone: zone !== undefined };
  }
  const date =
    /^\p{L}{2,4}\.?,? (\w{3})\s+(\d{1,2}) (\d{1,2}):(\d\d):(\d\d)( [AP]M)?( \S{1,6})? (\d{4})$/u.exec(bare) ??
    reordered(
      /^\p{L}{2,4}\.?,? (\d{1,2})\.? (\w{3}) (\d{4}),? (\d{1,2}):(\d\d):(\d\d)( [AP]M)?( \S{1,6})?$/u.exec(
        bare,
      ),
    );
  if (date === null) return undefined;
  const [, monthName = '', day, hours, minutes, seconds, half, zoneText = '', year] = date;
  const zone = zoneText.trim();
  const month = MONTHS.indexOf(monthName.toLowerCase());
  if (month < 0) return undefined;
  const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + (half.trim() === 'PM' ? 12 : 0);
  const ms = Date.UTC(Number(year), month, Number(day), hour, Number(minutes), Number(seconds));
  const hasZone = /^(?:UTC|GMT|Z|[+-]\d\d:?\d\d)$/.test(zone);
  return { ms: ms - offsetOf(zone) * 1_000, hasZone };
}

/** `Mon 23 Nov 2026 11:21:37 PM UTC` in the order of the older form. */
function reordered(match: RegExpExecArray | null): string[] | null {
  if (match === null) return null;
  const [all = '', day = '', month = '', year = '', hours = '', minutes = '', seconds = '', half, zone = ''] =
    match;
  return [all, month, day, hours, minutes, seconds, half as string, zone, year];
}

function offsetOf(zone: string | undefined): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone ?? '') ?? [];
  const seconds = Number(hours ?? 0) * 3_600 + Number(minutes ?? 0) * 60;
  return sign === '-' ? -seconds : seconds;
}

/** Seconds that a command waits in all, `undefined` when it does not wait. */
export function waitOf(command: string): number | undefined {
  const waits = Array.from(
    command.matchAll(/\bsleep\s+(\d{1,6}(?:\.\d{1,3})?)(m?)/g),
    ([, value, unit]) => Number(value) * (unit === 'm' ? 60 : 1),
  );
  const watch = /\bwatch\s+(?:-\w{1,20}\s+){0,8}?(?:-n\s*|--interval[= ])(\d{1,4})/.exec(command)?.[1];
  if (watch !== undefined) waits.push(Number(watch));
  return waits.length === 0 ? undefined : waits.reduce((sum, wait) => sum + wait, 0);
}

const NUMBER_WORDS: Readonly<Record<string, number>> = {
  a: 1,
  one: 1,
  two: 2,
  three: 3,
  five: 5,
  ten: 10,
  fifteen: 15,
  twenty: 20,
  thirty: 30,
  sixty: 60,
};

/** Prose between two samples that tells their distance: `10 seconds later:`, `after 30s`, `one minute later`. */
export function spokenDelay(spoken: string): number | undefined {
  const text = spoken.replace(
    /\b(a|one|two|three|five|ten|fifteen|twenty|thirty|sixty)(?=\s(?:sec(?:ond)?|min(?:ute)?)s?\b)/i,
    (word) => String(NUMBER_WORDS[word.toLowerCase()] ?? word),
  );
  const match =
    /^\W{0,6}(?:and\s+)?(?:about\s+|~\s*)?(\d{1,4})\s?(s|secs?|seconds?|m|mins?|minutes?)\s+later\b.{0,40}$/i.exec(
      text,
    ) ??
    /^\W{0,6}(?:and\s+)?after\s+(?:about\s+|~\s*)?(\d{1,4})\s?(s|secs?|seconds?|m|mins?|minutes?)\b.{0,40}$/i.exec(
      text,
    );
  if (match === null) return undefined;
  return Number(match[1]) * (/^m/i.test(match[2] ?? '') ? 60 : 1);
}

/** A heading over a block that gives its time: `AFTER (10:00:30 UTC)`, `--- 10:00:30 ---`, `T+10s`, `t=10`. */
export function headingTimeOf(
  text: string,
): { readonly timeOfDay: number } | { readonly elapsed: number } | undefined {
  const day =
    /^[\W_]{0,12}(?:[A-Za-z][A-Za-z ]{0,24}(?:\s?#?\d{1,2})?[\W_]{1,4})?(\d\d):(\d\d):(\d\d)(?:[.,]\d{1,9})?\s?(?:[A-Z]{1,4})?[\W_]{0,12}$/.exec(
      text,
    );
  if (day !== null) return { timeOfDay: Number(day[1]) * 3_600 + Number(day[2]) * 60 + Number(day[3]) };
  const since = /^[\W_]{0,12}t\s?[+=]\s?(\d{1,5})\s?(?:s|sec|seconds)?[\W_]{0,12}$/i.exec(text)?.[1];
  return since === undefined ? undefined : { elapsed: Number(since) };
}

/** A heading that ends with a date: `# sample 2, Thu Nov 26 11:00:10 UTC 2026`. */
export function datedHeadingOf(text: string): WallTime | undefined {
  const date =
    /^[\W_]{0,12}[A-Za-z][A-Za-z ]{0,20}(?:#?\d{1,2})?\s?[,:@(–-]{1,3}\s?(\S.{15,40}?)[)\s]*$/.exec(
      text,
    )?.[1];
  return date === undefined ? undefined : wallTimeOf(date, '');
}

/** A short line that says that what follows is later than what came before, without saying by how much. */
const LATER =
  /^[\W_]{0,12}(?:(?<=`)[\w -]{1,40}`\s)?(?:(?:and|then|now)\s)?(?:after(?:wards)?|later|again|once more|second|2nd|(?:sample|run|take|pass|reading|snapshot|try)\s?#?2|#2|t1|(?:a (?:few|couple of) \w{3,8}|some (?:time|seconds)|a (?:bit|while|moment)|shortly|moments) (?:later|after))\b[^.?!]{0,40}[\W_]{0,12}$/i;

/** Whether the line is such a heading. */
export function saysLater(text: string): boolean {
  return text.length <= 60 && LATER.test(text.trim());
}

/** Far below any wait that is told: it keeps readings apart whose distance is not known. */
const STEP_SECONDS = 1e-6;

/** Distance from which on two readings are a told time apart. */
export const LEAST_TOLD_SECONDS = 0.5;

/** The one time line that all pieces of a paste are put on. */
export class PasteClock {
  /** Seconds since the beginning of the paste. */
  now = 0;
  #shift: number | undefined;
  #zoned = false;
  #timeOfDay: number | undefined;
  #zero: number | undefined;

  /** Moves on by a wait. */
  wait(seconds: number): void {
    this.now += seconds;
  }

  /** Moves on by a time that is not known. */
  step(): void {
    this.now += STEP_SECONDS;
  }

  /** Moves to a time since the first such heading's zero. */
  setElapsed(seconds: number): void {
    if (this.#zero === undefined) this.#zero = this.now - seconds;
    else this.now = this.#zero + seconds;
  }

  /** Moves to a moment on the wall clock. */
  setWall({ ms, hasZone }: WallTime): void {
    const seconds = ms / 1_000;
    if (this.#shift === undefined) this.#shift = seconds - this.now;
    else this.now = seconds - this.#shift;
    this.#zoned = hasZone;
  }

  /** Moves to a time of day in a prompt; over midnight it goes on. */
  setTimeOfDay(seconds: number): void {
    if (this.#timeOfDay !== undefined) this.now += (seconds - this.#timeOfDay + 86_400) % 86_400;
    this.#timeOfDay = seconds;
  }

  /** The wall clock at a moment of this time line, in milliseconds since the epoch, where the paste tells it. */
  epochMsAt(moment: number): number | undefined {
    return this.#shift === undefined || !this.#zoned ? undefined : (this.#shift + moment) * 1_000;
  }
}
