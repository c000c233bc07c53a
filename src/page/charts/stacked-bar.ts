import { scaleLinear } from 'd3-scale';
import type { Share } from '../../core/page/composition.ts';
import { restOf, shareWords } from '../../core/page/composition.ts';
import { type Html, html } from '../html.ts';

/** Looks that shares can be told apart by; what comes after them is drawn as the rest. */
export const SHARE_LOOKS = 8;

const HEIGHT = 26;
const CHAR = 6.6;

/** One bar of a whole that consists of shares, the largest first; wide shares carry their names. */
export function stackedBar(shares: readonly Share[], alternative: string, width: number): Html {
  const x = scaleLinear([0, 1], [0, width]);
  const rest = restOf(shares);
  const all = [
    ...shares.map((share, index) => ({ ...share, look: `s${index % SHARE_LOOKS}` })),
    ...(rest === 0 ? [] : [{ label: 'others', share: rest, isLeast: false, look: 'others' }]),
  ];
  let from = 0;
  const parts = all.map(({ label, share, isLeast, look }) => {
    const [start, size] = [x(Math.min(1, from)), x(Math.min(share, Math.max(0, 1 - from)))];
    from += share;
    const words = `${label} ${shareWords({ share, isLeast })}`;
    const isNamed = words.length * CHAR + 12 < size;
    return html`<g class="${look}"><rect x="${r(start)}" width="${r(Math.max(0.5, size - 1))}" height="${HEIGHT}" rx="3"><title>${words}</title></rect>${isNamed ? html`<text x="${r(start + 7)}" y="17">${words}</text>` : undefined}</g>`;
  });
  return html`<svg class="bar" viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label="${alternative}">${parts}</svg>`;
}

const r = (value: number): number => Math.round(value * 10) / 10;
