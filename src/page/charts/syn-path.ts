import { pathSentence, type SynPath } from '../../core/trace/path.ts';
import { show } from '../../core/words.ts';
import { type Html, html } from '../html.ts';

const BOXES = ['client', 'NIC', 'netfilter', 'veth', 'pod', 'listener'] as const;
/** Red of what is lost, and the colours of all else: a file of its own has no style sheet around it. */
const [LOST, INK, SOFT] = ['#b3261e', '#2a333d', '#8a949e'];

/** Where one drawing has its boxes, and how its arrows run. */
interface Layout {
  readonly width: number;
  readonly height: number;
  readonly box: { readonly width: number; readonly height: number };
  /** From one box to the next. */
  readonly step: readonly [x: number, y: number];
  /** Of the first box. */
  readonly at: readonly [x: number, y: number];
}

const WIDE: Layout = {
  width: 860,
  height: 104,
  box: { width: 80, height: 42 },
  step: [152, 0],
  at: [10, 30],
};
const TALL: Layout = {
  width: 340,
  height: 452,
  box: { width: 120, height: 34 },
  step: [0, 82],
  at: [110, 4],
};

/** How thick an arrow is that all SYNs take, and the least. */
const [THICKEST, THINNEST] = [7, 1.2];

/** An arrow with how many got to its end, and how many of those before did not. */
interface Arrow {
  readonly count: number;
  readonly fell: number;
  readonly thickness: number;
}

/** Draws the way of first SYNs from client to listener: on each arrow how many got there, red where some fell. */
export function synPathChart(path: SynPath, { isTall = false } = {}): Html {
  const layout = isTall ? TALL : WIDE;
  const { width, height } = layout;
  return html`<svg class="syn" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${pathSentence(path)}" font-family="sans-serif" font-size="13">${synPathParts(path, layout)}</svg>`;
}

/** The same without the frame, to stand in a larger drawing; it takes {@link WIDE_SIZE}. */
export const synPathGroup = (path: SynPath): Html => html`${synPathParts(path, WIDE)}`;

/** Width and height of the drawing that lies. */
export const WIDE_SIZE = { width: WIDE.width, height: WIDE.height } as const;

function synPathParts(path: SynPath, layout: Layout): readonly Html[] {
  const { box, step, at } = layout;
  const corner = (index: number) => [at[0] + index * step[0], at[1] + index * step[1]] as const;
  const boxes = BOXES.map((name, index) => {
    const [x, y] = corner(index);
    return html`<rect class="box" x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="7" fill="none" stroke="${SOFT}"/><text x="${x + box.width / 2}" y="${y + box.height / 2 + 5}" text-anchor="middle" fill="${INK}">${name}</text>`;
  });
  return [...boxes, ...arrowsOf(path).map((arrow, index) => drawn(arrow, corner(index), layout))];
}

/** From client to NIC, and so on to the listener, which answers. */
function arrowsOf({ seen, answered }: SynPath): readonly Arrow[] {
  const counts = [seen.uplink, seen.uplink, seen.veth, seen.pod, answered];
  const all = Math.max(1, seen.uplink);
  return counts.map((count, index) => ({
    count,
    fell: Math.max(0, (counts[index - 1] ?? count) - count),
    thickness: Math.round(Math.max(THINNEST, (THICKEST * Math.min(count, all)) / all) * 10) / 10,
  }));
}

function drawn({ count, fell, thickness }: Arrow, [x, y]: readonly [number, number], layout: Layout): Html {
  const { box, step } = layout;
  const isFalling = fell > 0;
  const colour = isFalling ? LOST : INK;
  const name = isFalling ? html` class="fell"` : undefined;
  const head = thickness / 2 + 5;
  const isTall = step[0] === 0;
  const [fromX, fromY] = isTall
    ? [x + box.width / 2, y + box.height + 4]
    : [x + box.width + 4, y + box.height / 2];
  const [toX, toY] = isTall ? [fromX, y + step[1] - 4] : [x + step[0] - 4, fromY];
  const half = thickness / 2;
  const body = isTall
    ? html`x="${r(fromX - half)}" y="${fromY}" width="${thickness}" height="${r(toY - head - fromY)}"`
    : html`x="${fromX}" y="${r(fromY - half)}" width="${r(toX - head - fromX)}" height="${thickness}"`;
  const tip = isTall
    ? `M${toX - head} ${toY - head - 2}h${2 * head}L${toX} ${toY}z`
    : `M${toX - head - 2} ${toY - head}v${2 * head}L${toX} ${toY}z`;
  const [middleX, middleY] = [(fromX + toX) / 2, (fromY + toY) / 2];
  const told = isTall
    ? {
        x: middleX + 14,
        y: middleY + 1,
        anchor: 'start',
        lostX: middleX - 14,
        lostY: middleY + 1,
        lostAnchor: 'end',
      }
    : {
        x: middleX,
        y: middleY - 12,
        anchor: 'middle',
        lostX: middleX,
        lostY: middleY + 25,
        lostAnchor: 'middle',
      };
  return html`<g${name}><rect class="way" ${body} fill="${colour}"/><path class="tip" d="${tip}" fill="${colour}"/><text x="${told.x}" y="${told.y}" text-anchor="${told.anchor}" fill="${colour}">${show(count)}</text>${
    isFalling
      ? html`<text x="${told.lostX}" y="${told.lostY}" text-anchor="${told.lostAnchor}" fill="${LOST}" font-weight="bold">−${show(fell)}</text>`
      : undefined
  }</g>`;
}

const r = (value: number): number => Math.round(value * 10) / 10;
