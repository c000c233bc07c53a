/** `14:02:11Z`: a time of day in UTC; where a chart spans hours, without seconds. */
export const clock = (at: number, spanMs = 0): string =>
  new Date(at).toISOString().slice(11, spanMs > 900_000 ? 16 : 19);

/** `2026-11-23 14:02:11Z`. */
export const dateTime = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)}Z`;

/** How long after a moment another one was: `+12 s`, `+4 min 10 s`, `+2 h 5 min`; before it, with a minus. */
export function after(start: string, at: string): string {
  const seconds = Math.round((Date.parse(at) - Date.parse(start)) / 1000);
  const sign = seconds < 0 ? '−' : '+';
  const size = Math.abs(seconds);
  if (size < 60) return `${sign}${size} s`;
  const parts =
    size < 3600
      ? [`${Math.floor(size / 60)} min`, `${size % 60} s`]
      : [`${Math.floor(size / 3600)} h`, `${Math.floor((size % 3600) / 60)} min`];
  return `${sign}${parts.filter((part) => !part.startsWith('0 ')).join(' ')}`;
}
