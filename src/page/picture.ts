import type { NodeTraced } from '../core/record/traced/found.ts';
import { pathSentence } from '../core/trace/path.ts';
import { counted } from '../core/words.ts';
import { combSentence, connectTimesGroup } from './charts/connect-times.ts';
import { synPathGroup, WIDE_SIZE } from './charts/syn-path.ts';
import { type Html, html } from './html.ts';
import { pathIn } from './parts/traced.ts';

/** A drawing with the same in words. */
export interface Picture {
  /** A whole SVG document, white behind it, which names no font but `sans-serif`. */
  readonly svg: string;
  /** What it shows, for who can not see it. */
  readonly alternative: string;
}

const PADDING = 16;
const TITLE = 34;
const COMB_HEIGHT = 170;

/**
 * Draws what a trace found on one node as one picture: the way of first SYNs, and below it the connections that waited.
 *
 * @returns nothing where no packet could be looked at, or none came: then there is nothing to draw
 */
export function synPicture(instanceId: string, found: NodeTraced): Picture | undefined {
  const { path, connectTimes, seconds } = found;
  if (path === undefined || path.uplink === 0) return undefined;
  const way = pathIn(path);
  const hasTimes = connectTimes.length > 0;
  const width = WIDE_SIZE.width + 2 * PADDING;
  const combTop = PADDING + TITLE + WIDE_SIZE.height + 14;
  const height = (hasTimes ? combTop + TITLE + COMB_HEIGHT : combTop) + PADDING;
  const alternative = [pathSentence(way), ...(hasTimes ? [combSentence(connectTimes)] : [])].join(' ');
  const heading = (y: number, text: string): Html =>
    html`<text x="${PADDING}" y="${y + 18}" font-size="16" font-weight="bold" fill="#1c242c">${text}</text>`;
  const drawing = html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${alternative}" font-family="sans-serif" font-size="13"><rect width="${width}" height="${height}" fill="#ffffff"/>${heading(PADDING, `${instanceId}: the way of first SYNs in ${counted(seconds, 'second')}`)}<g transform="translate(${PADDING} ${PADDING + TITLE})">${synPathGroup(way)}</g>${
    hasTimes
      ? html`${heading(combTop, 'Connections that waited')}<g transform="translate(${PADDING} ${combTop + TITLE})">${connectTimesGroup(connectTimes, { width: WIDE_SIZE.width, height: COMB_HEIGHT })}</g>`
      : undefined
  }</svg>`;
  return { svg: drawing.text, alternative };
}
