import type { PasteLine } from '../paste-line.ts';
import { isSameHost } from './names.ts';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

const BOOT = new RegExp(
  `(?:boot[_ ]?id\\W{0,6}\\s*["']?(${UUID}|[0-9a-f]{32})\\b|^\\s*(${UUID})\\s*$|^-- Boot ([0-9a-f]{32}) --)`,
  'i',
);

/** The boot id on a line, `undefined` where there is none. */
function bootOf(text: string): string | undefined {
  const [, named, bare, journal] = BOOT.exec(text) ?? [];
  return (named ?? bare ?? journal)?.replaceAll('-', '').toLowerCase();
}

/** Numbers of the lines that tell a boot, where one host's text tells several: what stands between two of them is of one boot. */
export function bootLines(lines: readonly PasteLine[]): ReadonlySet<number> {
  const told = lines.flatMap(({ number, text }) => {
    const boot = bootOf(text);
    return boot === undefined ? [] : [{ number, boot }];
  });
  const isReboot = new Set(told.map(({ boot }) => boot)).size > 1;
  return new Set(isReboot ? told.map(({ number }) => number) : []);
}

/** A line that tells who printed the others, without heading them. */
interface Mark {
  readonly at: number;
  readonly name: string;
}

/** What of a text is whose by its marks; `isTold` is false where several are named and their lines can't be told apart. */
export interface Marked {
  readonly owners: readonly (string | undefined)[];
  readonly isTold: boolean;
}

/**
 * Gives lines that nothing else gives to a host to those that `uname`, `hostname` or a boot id name: each mark stands before
 * all of its host's output or after all of it.
 *
 * @param isOpen whether a line has no host yet
 * @param isEvidence whether a reading begins on a line
 */
export function markedByIdentity(
  lines: readonly PasteLine[],
  isOpen: (at: number) => boolean,
  isEvidence: (at: number) => boolean,
): Marked {
  const open = lines.flatMap((_, at) => (isOpen(at) ? [at] : []));
  const names = open.flatMap((at) => nameAt(lines, at));
  const boots = open.flatMap((at) => {
    const boot = bootOf(lines[at]?.text ?? '');
    return boot === undefined ? [] : [{ at, name: `boot ${boot.slice(0, 8)}` }];
  });
  const marks = differ(names) ? names : names.length === 0 && differ(boots) ? boots : [];
  const none = lines.map((): undefined => undefined);
  if (marks.length === 0) return { owners: none, isTold: true };
  const marked = new Map(marks.map((mark) => [mark.at, mark.name]));
  const evidence = open.filter((at) => isEvidence(at) && !marked.has(at));
  const [first, last] = [marks[0]?.at ?? 0, marks.at(-1)?.at ?? 0];
  const isLeading = evidence.every((at) => at > first);
  const isTrailing = evidence.every((at) => at < last);
  if (isLeading === isTrailing) return { owners: none, isTold: evidence.length === 0 };
  const owners: (string | undefined)[] = none;
  let name: string | undefined;
  for (const at of isLeading ? open : open.toReversed()) {
    name = marked.get(at) ?? name;
    owners[at] = name;
  }
  return { owners, isTold: true };
}

function differ(marks: readonly Mark[]): boolean {
  return marks.some(({ name }) => !isSameHost(name, marks[0]?.name ?? ''));
}

function nameAt(lines: readonly PasteLine[], at: number): readonly Mark[] {
  const text = lines[at]?.text ?? '';
  const name =
    /^Linux (\S{1,64}) \d{1,2}\.\d{1,3}\.\d{1,4}\S{0,60} .*(?:SMP|GNU\/Linux)/.exec(text)?.[1] ??
    /^\s*(?:Static hostname:\s*|HOSTNAME=)(\S{1,100})\s*$/.exec(text)?.[1] ??
    (/^(?:sudo )?(?:hostname(?:\s+-\w)?|uname -n|cat \/etc\/hostname)\s*$/.test(lines[at - 1]?.command ?? '')
      ? /^\s*([\w.-]{1,100})\s*$/.exec(text)?.[1]
      : undefined);
  return name === undefined || /^(?:localhost|\(none\))/.test(name) ? [] : [{ at, name }];
}
