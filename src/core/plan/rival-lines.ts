import type { SettingKey } from '../record/plan.ts';
import type { PersistenceFacts } from '../snapshot/snapshot.ts';
import { counted, show } from '../words.ts';

/** The name of our file: it sorts after `99-sysctl.conf`, the usual link to /etc/sysctl.conf. */
export const OUR_SYSCTL_FILE = '99-zz-conntrack-medic.conf';
/** The name of our file of module options. */
export const OUR_MODPROBE_FILE = 'conntrack-medic.conf';

type Line = PersistenceFacts['lines'][number];

/**
 * The limit that a line of a sysctl file or a tuned profile sets, or nothing. Both names are one value
 * (net/netfilter/nf_conntrack_standalone.c, nf_ct_sysctl_table and nf_ct_netfilter_table).
 */
export function limitIn({ text }: Pick<Line, 'text'>): number | undefined {
  const value = /^\s*-?net[./](?:netfilter[./])?nf_conntrack_max\s*=\s*(\d{1,10})\s*$/.exec(text)?.[1];
  return value === undefined ? undefined : Number(value);
}

/**
 * What is applied after our file and sets another limit, as one clause with file and line, or nothing. Files of all
 * sysctl.d directories are merged by name, and of one name only the first directory's counts (man 5 sysctl.d);
 * /etc/sysctl.conf comes last of all with `sysctl --system` (man 8 sysctl), tuned sets its own at its start.
 */
export function rivalLine(lines: readonly Line[], max: number): string | undefined {
  return rivalIn(lines, limitIn, max);
}

/** The same for any other setting, by its full sysctl name. */
export function rivalLineOf(lines: readonly Line[], key: SettingKey, to: number): string | undefined {
  const setting = new RegExp(`^\\s*-?${key.replaceAll('.', '[./]')}\\s*=\\s*(\\d{1,10})\\s*$`);
  const valueIn = ({ text }: Pick<Line, 'text'>) => {
    const value = setting.exec(text)?.[1];
    return value === undefined ? undefined : Number(value);
  };
  return rivalIn(lines, valueIn, to);
}

function rivalIn(
  lines: readonly Line[],
  valueIn: (line: Line) => number | undefined,
  wanted: number,
): string | undefined {
  for (const rule of RIVALS) {
    // Within one file the last line wins.
    const found = lines.findLast((line) => rule.isIt(line.file, lines) && valueIn(line) !== undefined);
    const value = found === undefined ? undefined : valueIn(found);
    if (found !== undefined && value !== undefined && value !== wanted)
      return `${found.file}:${found.line} sets ${show(value)} ${rule.when}; it is never edited by the product`;
  }
  return undefined;
}

/**
 * What was not read and, if it sets the key at all, may be applied after ours, as one clause; or nothing.
 */
export function unreadRival(
  facts: Pick<PersistenceFacts, 'unread' | 'unreadMore' | 'unlisted'>,
): string | undefined {
  const found = facts.unread.find((file) => RIVALS.some(({ isIt }) => isIt(file, [])));
  return found === undefined
    ? cutOff(facts)
    : `${found} is no plain file of a sane size, so what it sets was not read`;
}

/** What the collector left out of its list, as one clause; or nothing. */
export function cutOff({
  unreadMore,
  unlisted,
}: Pick<PersistenceFacts, 'unreadMore' | 'unlisted'>): string | undefined {
  const left = [
    ...(unreadMore > 0 ? [counted(unreadMore, 'more file')] : []),
    ...(unlisted > 0 ? [counted(unlisted, 'more line')] : []),
  ];
  return left.length === 0 ? undefined : `what ${left.join(' and ')} of configuration may set was not read`;
}

const RIVALS: readonly {
  readonly when: string;
  readonly isIt: (file: string, lines: readonly Line[]) => boolean;
}[] = [
  {
    when: 'after ours at each boot',
    isIt: (file, lines) =>
      /\/sysctl\.d\//.test(file) && baseName(file) > OUR_SYSCTL_FILE && !isHidden(file, lines),
  },
  { when: 'whenever somebody runs sysctl --system', isIt: (file) => file === '/etc/sysctl.conf' },
  { when: 'when tuned starts, after sysctl.d', isIt: (file) => /\/tuned\//.test(file) },
];

const DIRECTORIES = ['/etc/', '/run/', '/usr/local/lib/', '/usr/lib/', '/lib/'];

function isHidden(file: string, lines: readonly Line[]): boolean {
  const rank = (path: string) =>
    DIRECTORIES.findIndex((directory) => path.startsWith(`${directory}sysctl.d/`));
  return lines.some((other) => baseName(other.file) === baseName(file) && rank(other.file) < rank(file));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
