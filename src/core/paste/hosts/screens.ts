/** A window that is in front, as tmux, byobu and screen mark it: `1:w1*`, `1*$ w1`, `1* w1`. */
const ACTIVE =
  /(?:^|[\s(])(\d{1,3}:(?!\s)(?:(?!\s\d{1,3}:)[^*]){1,60}\*[A-Z]{0,3}(?=[\s")]|$)|\d{1,3}[-!]?\*[-!]?(?:\$\S{0,4})?\s?[\w.@:~-]{1,60})/;

/** Any other window beside it, or a time: without one of both, a star is just a star. */
const BESIDE = /(?:^|[\s(])\d{1,3}(?::\S{1,60}|[-!]?\$\s?\S{1,60}|[-!]\s\S{1,60})|\b\d{1,2}:\d\d\b|"/;

/**
 * The window that a status line of a multiplexer shows, with its session and the title beside it; `undefined` where the line
 * is none. Times and loads in it are left out.
 */
export function windowOf(text: string): string | undefined {
  const active = ACTIVE.exec(text)?.[1];
  if (active === undefined || !BESIDE.test(text.replace(active, ''))) return undefined;
  const session = /^\s*\[\s?([^\]]{1,60}?)\s?\]/.exec(text)?.[1] ?? '';
  const title = /"([^"]{1,100})"/.exec(text)?.[1] ?? '';
  return JSON.stringify([session, active.trim(), title.replace(/(@[\w.-]{1,100}).*/, '$1')]);
}
