import type { ConnectTime } from '../../core/trace/connect-times.ts';
import { counted, show } from '../../core/words.ts';
import { type Html, html } from '../html.ts';

/** Colours of a drawing that has no style sheet around it. */
const [LOST, INK, SOFT, LINE] = ['#b3261e', '#2a333d', '#6b7580', '#c9d0d7'];
/** Seconds that have a place of their own: up to the third time that a SYN is sent again, and up to the fourth where somebody waited so long. */
const [SECONDS_LEAST, SECONDS_MOST] = [8, 16];
/** Where lost SYNs stand: the sum of the pauses after which one is sent again (RFC 6298). */
const STEPS: ReadonlySet<number> = new Set([1, 3, 7, 15]);
const [TOP, BOTTOM, LEFT] = [22, 36, 10];

/** Connections by the second in which they were answered. */
interface Comb {
  /** Below a second, and those that waited, by second. */
  readonly quick: number;
  readonly slow: readonly { readonly second: number; readonly count: number }[];
  readonly unanswered: number;
}

/** Reads the seconds out of what a record holds as words. */
function combOf(times: readonly ConnectTime[]): Comb {
  let [quick, unanswered] = [0, 0];
  const slow: { second: number; count: number }[] = [];
  for (const { label, count } of times) {
    const second = /^(\d{1,6}) s$/.exec(label)?.[1];
    if (second !== undefined) slow.push({ second: Number(second), count });
    else if (label === 'no answer') unanswered += count;
    else quick += count;
  }
  return { quick, slow, unanswered };
}

/** What the comb shows, for who can not see it. */
export function combSentence(times: readonly ConnectTime[]): string {
  const { quick, slow, unanswered } = combOf(times);
  const told = [
    `${counted(quick, 'connection')} took less than a second`,
    ...slow.map(({ second, count }) => `${show(count)} took ${second} s`),
    ...(unanswered === 0 ? [] : [`${show(unanswered)} had no answer`]),
  ];
  return told.length === 1 ? `${told[0]}.` : `${told.slice(0, -1).join(', ')} and ${told.at(-1)}.`;
}

/** Draws connections that waited by the second: lost SYNs stand out at 1, 3 and 7 s. Those that did not wait are told in words. */
export function connectTimesChart(
  times: readonly ConnectTime[],
  size: { readonly width: number; readonly height: number },
): Html {
  return html`<svg class="comb" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${combSentence(times)}" font-family="sans-serif" font-size="12">${connectTimesGroup(times, size)}</svg>`;
}

/** The same without the frame, to stand in a larger drawing. */
export function connectTimesGroup(
  times: readonly ConnectTime[],
  { width, height }: { readonly width: number; readonly height: number },
): Html {
  const { slow, unanswered } = combOf(times);
  const many = slow.some(({ second }) => second >= SECONDS_LEAST) ? SECONDS_MOST : SECONDS_LEAST;
  const columns = [
    ...Array.from({ length: many - 1 }, (_, index) => {
      const second = index + 1;
      const count = slow.filter((one) => one.second === second).reduce((sum, one) => sum + one.count, 0);
      return { label: STEPS.has(second) ? `${second} s` : '', count, isStep: STEPS.has(second) };
    }),
    {
      label: 'later',
      count: slow.filter(({ second }) => second >= many).reduce((sum, one) => sum + one.count, 0),
      isStep: false,
    },
    { label: 'none', count: unanswered, isStep: false },
  ];
  const step = (width - 2 * LEFT) / columns.length;
  const bottom = height - BOTTOM;
  const most = Math.max(1, ...columns.map(({ count }) => count));
  const top = (count: number) => bottom - Math.max(count > 0 ? 2 : 0, ((bottom - TOP) * count) / most);
  return html`<path class="base" d="M${LEFT} ${bottom}H${width - LEFT}" stroke="${LINE}" fill="none"/>${columns.map(
    ({ label, count, isStep }, index) => {
      const x = r(LEFT + index * step + step * 0.18);
      const middle = r(LEFT + (index + 0.5) * step);
      const name = isStep || label === 'none' ? 'fell' : 'other';
      return html`${count === 0 ? undefined : html`<rect class="${name}" x="${x}" y="${r(top(count))}" width="${r(step * 0.64)}" height="${r(bottom - top(count))}" rx="2" fill="${name === 'fell' ? LOST : SOFT}"/><text x="${middle}" y="${r(top(count) - 5)}" text-anchor="middle" fill="${INK}">${show(count)}</text>`}${
        label === ''
          ? undefined
          : html`<text x="${middle}" y="${bottom + 15}" text-anchor="middle" fill="${SOFT}">${label}</text>`
      }`;
    },
  )}<text x="${LEFT}" y="${height - 4}" fill="${SOFT}">seconds until the answer, or none</text>`;
}

const r = (value: number): number => Math.round(value * 10) / 10;
