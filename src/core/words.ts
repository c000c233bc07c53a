// Made once: making one costs many times what it costs to print a number with it.
const NUMBERS = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

/** A number as people read it: `131,072`, at most one decimal. */
export function show(value: bigint | number | string): string {
  if (typeof value === 'string') return value;
  const isWhole = typeof value === 'bigint' || (Number.isSafeInteger(value) && !Object.is(value, -0));
  return isWhole ? grouped(String(value)) : NUMBERS.format(value);
}

/** Whole digits in groups of three, as `NUMBERS` puts them, at a fraction of its cost: most of what is shown is whole. */
function grouped(digits: string): string {
  const start = digits.startsWith('-') ? 1 : 0;
  let text = digits;
  for (let at = digits.length - 3; at > start; at -= 3) text = `${text.slice(0, at)},${text.slice(at)}`;
  return text;
}

/**
 * A ratio as a whole percentage, rounded down so that 100 % means full; below one per cent with one decimal,
 * so that what is little is not told as nothing.
 */
export function percent(ratio: number): string {
  if (!(ratio > 0 && ratio < 0.01)) return `${Math.floor(ratio * 100)} %`;
  const tenths = Math.min(9, Math.round(ratio * 1_000));
  return tenths === 0 ? '< 0.1 %' : `0.${tenths} %`;
}

/** Bytes as whole mebibytes: `129 MiB`; below one, `< 1 MiB`. */
export function mebibytes(bytes: number): string {
  const value = Math.round(bytes / 1_048_576);
  return value < 1 ? '< 1 MiB' : `${NUMBERS.format(value)} MiB`;
}

/** A share of memory, with one decimal below ten per cent: `0.8 %`, and `< 0.1 %` for what is not nothing. */
export function memoryShare(bytes: number, totalBytes: number): string {
  if (totalBytes <= 0) return 'unknown share';
  const value = (bytes / totalBytes) * 100;
  if (value < 0.1) return '< 0.1 %';
  return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} %`;
}

/** Memory and its share of all there is, as one clause: `228 MiB if full, 1.4 % of memory`. */
export const memoryIfFull = (bytes: number, totalBytes: number): string =>
  `${mebibytes(bytes)} if full, ${memoryShare(bytes, totalBytes)} of memory`;

/** Units of bit rates, the largest first. */
const BIT_RATES = [
  [1e9, 'Gbit/s'],
  [1e6, 'Mbit/s'],
  [1e3, 'kbit/s'],
] as const;

/** Bits a second as people read them: `1.2 Gbit/s`, `48 Mbit/s`, `900 bit/s`. */
export function bitRate(bitsPerSecond: number): string {
  const [size, unit] = BIT_RATES.find(([least]) => bitsPerSecond >= least) ?? [1, 'bit/s'];
  const value = bitsPerSecond / size;
  return `${value < 10 && size > 1 ? NUMBERS.format(value) : show(Math.round(value))} ${unit}`;
}

const BAR_CELLS = 10;

/** Ten cells filled by share, rounded down: a full bar means that the limit is reached. */
export function usageBar(share: number): string {
  const filled = Math.max(0, Math.min(BAR_CELLS, Math.floor(share * BAR_CELLS + 1e-9)));
  return '▰'.repeat(filled) + '▱'.repeat(BAR_CELLS - filled);
}

/** Time of day in UTC to the second, with the date in front when it is not the day of `now`. */
export function utcTime(iso: string, now: number): string {
  const clock = `${iso.slice(11, 19)}Z`;
  return new Date(now).toISOString().startsWith(iso.slice(0, 10)) ? clock : `${iso.slice(0, 10)} ${clock}`;
}

/** How long something is past, in the unit in which people say it: `40 s`, `20 min`, `5 h`. */
export function ago(seconds: number): string {
  if (seconds < 90) return `${show(Math.round(seconds))} s`;
  return seconds < 5_400 ? `${show(Math.round(seconds / 60))} min` : `${show(Math.round(seconds / 3_600))} h`;
}

/**
 * An amount with its noun, the only place where a plural follows a number: `1 entry`, `2 packets`, `9 to 50 lines`.
 *
 * @param amount as a number, or as it is shown already
 * @param noun for one of them; what stands before its last word stays as it is: `finished handshake`
 * @param nouns for several, where that is not the noun with an ending
 */
export function counted(amount: bigint | number | string, noun: string, nouns = plural(noun)): string {
  const shown = show(amount);
  return `${shown} ${shown === '1' ? noun : nouns}`;
}

function plural(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(?:s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

/** A unit as it follows a value: `packets/10 s` of which there is one is `packet/10 s`. */
export function unitOf(value: string, unit: string): string {
  if (value !== '1') return unit;
  return unit.replace(/[a-z]{2,}s(?![a-z])/i, (nouns) =>
    nouns
      .replace(/ies$/, 'y')
      .replace(/(s|x|ch|sh)es$/, '$1')
      .replace(/(?<=[^sy])s$/, ''),
  );
}

/** A fact's value with its unit, which stands before a share in parentheses: `4,096 of 8,192 entries (50 %)`. */
export function measured({ value, unit: units }: { readonly value: string; readonly unit: string }): string {
  if (units === '') return value;
  const unit = unitOf(value, units);
  const [, amount, share] = /^(.*) (\([^()]*\))$/.exec(value) ?? [];
  return amount === undefined ? `${value} ${unit}` : `${amount} ${unit} ${share}`;
}

/** `1 node`, `3 nodes`. */
export const nodeCount = (amount: number): string => counted(amount, 'node');

/** The first entries and how many were left out, so that a long list stays readable. */
export function firstOf(entries: readonly string[], most: number): readonly string[] {
  return entries.length <= most ? entries : [...entries.slice(0, most), `+${entries.length - most} more`];
}

/** The words with a capital letter, for the start of a heading; the name of a setting or counter stays as it is written. */
export const capital = (words: string): string =>
  /^[a-z0-9]+_/.test(words) ? words : words.charAt(0).toUpperCase() + words.slice(1);

/** The same sentence without its full stop, to be used as a heading or a clause. */
export const withoutStop = (sentence: string): string => sentence.replace(/\.$/, '');

const NARROW_NO_BREAK_SPACE = '\u202F';

/** A number with a unit behind it, as every text of ours writes it: `98 %`, `10 s`, `54 MiB`. */
const NUMBER_AND_UNIT = /(?<=\d) (?=(?:%|B|[KMG]iB|ms|s|min|h|days)(?![\p{L}\p{N}]))/gu;

/**
 * The same text with a narrow no-break space between each number and its unit, so that no line ends between the two. For
 * text that people read in a proportional font; what a script reads or a terminal copies keeps its plain spaces.
 */
export const keepUnits = (text: string): string => text.replaceAll(NUMBER_AND_UNIT, NARROW_NO_BREAK_SPACE);

/**
 * The same sentence with separators in its whole numbers of four digits and more, as {@link show} writes them: `60872`
 * becomes `60,872`. What may be a name, an assignment to copy, a place in a file, a port or a process stays as it is.
 */
export function groupNumbers(sentence: string): string {
  return sentence.replaceAll(
    /(?<![\p{L}\p{N}.,:/=_@-])(?<!\b(?:port|pid|namespace|process) )\d{4,15}(?![\p{L}\p{N}_/=-]|[.,:][\p{L}\p{N}])/gu,
    (digits) => show(Number(digits)),
  );
}

/** What is said of a node without its id in front, for a text that has named it already. */
export const withoutNode = (instanceId: string, sentence: string): string =>
  sentence.startsWith(`${instanceId}: `) ? sentence.slice(instanceId.length + 2) : sentence;
