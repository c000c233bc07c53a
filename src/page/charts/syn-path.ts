import { pathSentence, type SynPath } from '../../core/trace/path.ts';
import { show } from '../../core/words.ts';
import { type Html, html } from '../html.ts';

const BOXES = ['client', 'NIC', 'netfilter', 'veth', 'pod', 'listener'] as const;
const [WIDTH, HEIGHT, BOX, GAP, TOP] = [860, 120, 84, 68, 36];
/** Red of what is lost, and the colour of all else: a file of its own has no style sheet around it. */
const [LOST, INK] = ['#b3261e', '#3a3a3a'];

/** Draws the way of first SYNs from client to listener: on each arrow how many got there, red where some fell. */
export function synPathChart(path: SynPath): Html {
  const { seen, answered } = path;
  const arrived = [seen.uplink, seen.uplink, seen.veth, seen.pod, answered];
  const left = (index: number) => 8 + index * (BOX + GAP);
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${pathSentence(path)}" font-family="sans-serif" font-size="13">${BOXES.map(
    (name, index) =>
      html`<rect x="${left(index)}" y="${TOP}" width="${BOX}" height="44" rx="6" fill="none" stroke="${INK}"/><text x="${left(index) + BOX / 2}" y="${TOP + 27}" text-anchor="middle" fill="${INK}">${name}</text>`,
  )}${arrived.map((count, index) => {
    const fell = (arrived[index - 1] ?? count) - count;
    const colour = fell > 0 ? LOST : INK;
    const [from, to] = [left(index) + BOX, left(index + 1)];
    const [middle, y] = [(from + to) / 2, TOP + 22];
    return html`<path d="M${from + 4} ${y}H${to - 5}m-7 -5l7 5l-7 5" fill="none" stroke="${colour}" stroke-width="${fell > 0 ? 2.5 : 1.5}"/><text x="${middle}" y="${y - 9}" text-anchor="middle" fill="${colour}">${show(count)}</text>${
      fell > 0
        ? html`<text x="${middle}" y="${y + 24}" text-anchor="middle" fill="${LOST}">−${show(fell)}</text>`
        : undefined
    }`;
  })}</svg>`;
}
