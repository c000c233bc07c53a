import { escapeHtml } from '../src/page/html.ts';

/** One picture of a film. */
export interface Frame {
  /** What it shows, for who does not see it. */
  readonly title: string;
  readonly jpeg: Uint8Array;
  /** How long it stands. */
  readonly seconds: number;
}

/** Width and height of all frames, in pixels. */
export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

/**
 * The frames one after another, for ever, as one SVG file: pages that show pictures show it too, and it asks for nothing. Who asks
 * for less motion sees the last frame.
 */
export function filmOf(frames: readonly Frame[], { width, height }: FrameSize): string {
  const seconds = frames.reduce((sum, frame) => sum + frame.seconds, 0);
  let begun = 0;
  const parts = frames.map((frame, index) => {
    const [from, to] = [begun, begun + frame.seconds].map((at) => ((at / seconds) * 100).toFixed(2));
    begun += frame.seconds;
    const image = `<image id="f${index}" width="${width}" height="${height}" href="data:image/jpeg;base64,${Buffer.from(frame.jpeg).toString('base64')}"/>`;
    const keys = `@keyframes k${index}{0%,${from}%{visibility:hidden}${from}%,${to}%{visibility:visible}${to}%,100%{visibility:hidden}}`;
    return { image, style: `${keys}#f${index}{animation:k${index} ${seconds}s step-end infinite}` };
  });
  const still = `@media (prefers-reduced-motion:reduce){image{animation:none!important;visibility:hidden}#f${frames.length - 1}{visibility:visible}}`;
  const told = frames.map(({ title }) => title).join(' Then: ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img"><title>${escapeHtml(told)}</title><style>${parts.map(({ style }) => style).join('')}${still}</style>${parts.map(({ image }) => image).join('\n')}</svg>\n`;
}
