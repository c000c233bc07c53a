import { type Context, type Found, type Recogniser, standsInOrder } from '../found.ts';
import type { PasteLine } from '../paste-line.ts';

/** Kernel settings that mean something here, by the last part of their name. */
const SETTING =
  /^(?:nf_conntrack_\w{1,60}|ip_conntrack_\w{1,60}|netdev_\w{1,40}|somaxconn|gc_thresh[123]|ip_local_port_range|tcp_(?:mem|max_orphans|max_syn_backlog|syncookies|abort_on_overflow|rmem|wmem|max_tw_buckets|tw_reuse|tw_recycle|timestamps)|hashsize)$/;

/** Names before 2.6.14 and in the module's parameters stand for today's. */
const RENAMED: Readonly<Record<string, string>> = {
  ip_conntrack_max: 'nf_conntrack_max',
  ip_conntrack_count: 'nf_conntrack_count',
  ip_conntrack_buckets: 'nf_conntrack_buckets',
  hashsize: 'nf_conntrack_buckets',
};

/** `key = value`, `key=value`, `key: value`, `/proc/sys/… value`; a list item's dash and a note after the value may stand around. */
const LINE =
  /^\s*(?:[-*]\s+)?`?((?:net|sys)[./][\w./-]{1,120}|\/(?:proc\/sys|sys\/module)\/[\w./-]{1,120}|(?:nf|ip)_conntrack_\w{1,60}|tcp_\w{1,40}|netdev_\w{1,40}|somaxconn|gc_thresh[123])`?\s{0,40}(=|:|\s)\s{0,40}`?"?(-?\d[\d,]{0,18}(?:[ \t]+\d{1,18}){0,2})"?`?\s*(?:[#(;,`].*)?$/;

/** A setting and its value in two cells of a table, with other cells before them. */
const CELLS =
  /(?:^|\|)\s*`?((?:net[./][\w./-]{1,120}[./])?(?:nf|ip)_conntrack_\w{1,60})`?\s*\|\s*`?"?(\d[\d,]{0,18})"?`?\s*(?:\||$)/;

/** A command that shows configuration files and not the running values. */
const NOT_RUNNING = /(?:cat|grep|egrep|less|tail|head|vi|vim|tee)\s[^|;]*\/etc\//;

/** One setting with its value on the same line. */
export const setting: Recogniser = (lines, at, context) => {
  const line = lines[at]?.text ?? '';
  const [, path = '', , value = ''] = LINE.exec(line) ?? [];
  const [, cell = '', cellValue = ''] = path === '' ? (CELLS.exec(line) ?? []) : [];
  const cellKey = keyOf(cell);
  if (cellKey !== undefined) return settingFound(cellKey, cellValue, 1);
  const key = keyOf(path);
  if (key === undefined || value === '') return undefined;
  if (NOT_RUNNING.test(context.command) && !path.startsWith('/proc/')) {
    return {
      ...settingFound(key, value, 1),
      source: undefined,
      why: 'it comes from a configuration file, not from the running kernel',
    };
  }
  return settingFound(key, value, 1);
};

/** `wc -l` with the name of the file that it counted: `131068 /proc/net/nf_conntrack`. */
export const countedLines: Recogniser = (lines, at) => {
  const count = /^\s*(\d{1,10})\s+\/proc\/(?:self\/)?net\/(?:nf|ip)_conntrack\s*$/.exec(
    lines[at]?.text ?? '',
  )?.[1];
  return count === undefined
    ? undefined
    : { ...settingFound('nf_conntrack_count', count, 1), name: 'wc -l of the table' };
};

/** A path on a line of its own, or the heading that head and tail print, and the value on the next. */
export const pathThenValue: Recogniser = (lines, at) => {
  const text = lines[at]?.text ?? '';
  const path =
    /^==>\s(\S{1,160}?)(?:\.(?:txt|log|out))?\s<==$/.exec(text)?.[1] ??
    /^\s*(?:==>\s*|[=#*-]{2,12}\s*)?`?(\/(?:proc\/sys|sys\/module)\/[\w./-]{1,120})`?:?(?:\s*<==|\s*[=#*-]{2,12})?\s*$/.exec(
      text,
    )?.[1];
  const key = keyOf(path ?? '');
  const next = lines[at + 1];
  const value = bareValue(next);
  if (key === undefined || value === undefined) return undefined;
  return settingFound(key, value, 2);
};

/** Bare values after `cat /proc/sys/…`, `sysctl -n key …` or `conntrack -C`, in the order that the command names them. */
export const valuesOfCommand: Recogniser = (lines, at, context) => {
  const together = valuesTogether(lines[at]);
  if (bareValue(lines[at]) === undefined && together.length === 0) return undefined;
  const before = lines[at - 1]?.text.trim() === '' && lines[at - 1]?.command === undefined ? at - 2 : at - 1;
  const isFirst = lines[before]?.command !== undefined;
  if (!isFirst && !/;|&&/.test(context.command)) return undefined;
  const all = keysOfContext.get(context) ?? keysIn(context);
  const isAgain = REPEATS.test(context.command);
  const taken = takenOfContext.get(context) ?? 0;
  // What a command named once was printed once: a number after all of them is of something else.
  const keys = isAgain && taken >= all.length ? all : all.slice(taken);
  if (together.length === keys.length && keys.every((key) => ONE_VALUE.test(key))) {
    takenOfContext.set(context, all.length);
    return settingsFound(keys, together);
  }
  const rows: string[] = [];
  let count = 0;
  for (const key of keys) {
    const value = bareValue(lines[at + count]);
    if (value === undefined) break;
    count += 1;
    if (key !== OTHER) rows.push(`${key} = ${value}`);
  }
  if (count === 0) return undefined;
  takenOfContext.set(context, all.length - keys.length + count);
  if (rows.length === 0) return undefined;
  return {
    source: 'sysctl',
    name: 'kernel settings',
    lines: count,
    text: rows.join('\n'),
    keys: keys.slice(0, count).filter((key) => key !== OTHER),
  };
};

/** Settings of one number each, so that several numbers on a line are of several. */
const ONE_VALUE = /^nf_conntrack_(?:count|max|buckets)$/;

/** Two or three numbers on one line, as `echo $(cat …) / $(cat …)` and `xargs` put them. */
function valuesTogether(line: PasteLine | undefined): readonly string[] {
  if (line === undefined || line.command !== undefined) return [];
  const isRow = /^\s*\d{1,12}(?:\s*(?:\/|,|\||:|of)\s*\d{1,12}|\s+\d{1,12}){1,2}\s*$/.test(line.text);
  return isRow ? (line.text.match(/\d{1,12}/g) ?? []) : [];
}

/** Settings of one number each as a piece; as many values as keys. */
export function settingsFound(keys: readonly string[], values: readonly string[]): Found {
  return {
    source: 'sysctl',
    name: 'kernel settings',
    lines: 1,
    text: keys.map((key, index) => `${key} = ${values[index] ?? ''}`).join('\n'),
    keys,
  };
}

/** What each command that was typed prints: its output may be long, and asks at each line. */
const keysOfContext = new WeakMap<Context, readonly string[]>();

/** How many of them were read so far. */
const takenOfContext = new WeakMap<Context, number>();

/** A number that a part of the command prints of something that is no setting. */
const OTHER = '';

/** A command that prints the same several times. */
const REPEATS = /\bdo\b|\b(?:watch|xargs|parallel|pdsh|pssh|clush|ansible|salt)\b/;

/** A part of a command that prints one number of something else. */
const PRINTS_OTHER =
  /^\s*(?:sudo\s+)?nproc\b|^\s*date\s+\+%s\s*$|\bgrep\s(?:-\w+\s){0,4}-\w{0,4}c\w{0,4}\s|\|\s*wc\s+-\w\s*$|^\s*(?:sudo\s+)?echo\s+\d{1,12}\s*$/;

function keysIn(context: Context): readonly string[] {
  const keys = context.command.split(/;|&&|\bdo\b|\$\((?!\()/).flatMap((part) => {
    const named = keysOf(part);
    return named.length === 0 && PRINTS_OTHER.test(part) ? [OTHER] : named;
  });
  keysOfContext.set(context, keys);
  return keys;
}

function bareValue(line: PasteLine | undefined): string | undefined {
  if (line === undefined || line.command !== undefined) return undefined;
  return /^\s*(-?\d{1,18}(?:\s+\d{1,18}){0,2})\s*$/.exec(line.text)?.[1];
}

/** A pipeline that counts the lines of the table and of nothing less. */
const COUNTS_TABLE =
  /(?:^|\s)(?:show\s+conntrack\s+table\s+\w{1,10}|conntrack\s+-L(?:\s+-o\s+\w+)?(?:\s+2>\s?\S+)?|cat\s+\/proc\/(?:self\/)?net\/(?:nf|ip)_conntrack(?:\s+2>\s?\S+)?)\s*\|\s*(?:sudo\s+)?wc\s+-l\s*$|(?:^|\s)wc\s+-l\s*<?\s*\/proc\/(?:self\/)?net\/(?:nf|ip)_conntrack\s*$|^(?:grep\s+-c\s+(?:\.|'?'?|""|\^)\s+)\/proc\/net\/(?:nf|ip)_conntrack\s*$/;

/** Parts of a pipeline that print what they read, on fewer lines. */
const JOINS = /^\s*(?:xargs|tr\s[^|]{1,30}|paste\s+[-\w\s'"/]{1,30}|cat)\s*$/;

/** What a command prints bare values of. */
function keysOf(part: string): readonly string[] {
  const item = /\bvfs\.file\.contents\[["']?([^\],"']{1,120})/.exec(part)?.[1];
  if (item !== undefined) return [keyOf(item)].filter((key) => key !== undefined);
  if (
    COUNTS_TABLE.test(
      part
        .trim()
        .replaceAll(/["'`()]+/g, ' ')
        .trim(),
    )
  )
    return ['nf_conntrack_count'];
  const asked = /\bsalt\b.{1,200}?\bsysctl\.get\s+["']?([\w./]{3,120})/.exec(part)?.[1];
  if (asked !== undefined) return [keyOf(asked)].filter((key) => key !== undefined);
  const command = innermost(part);
  if (/^conntrack\s+-C\b/.test(command)) return ['nf_conntrack_count'];
  if (
    /^(?:conntrack\s+-L|(?:cat\s+|wc\s+-l\s+)\/proc\/net\/(?:nf|ip)_conntrack)\b[^-]*(?:\|\s*wc\s+-l)?\s*$/.test(
      command,
    ) &&
    command.includes('wc')
  )
    return ['nf_conntrack_count'];
  if (!/^(?:cat|paste|sysctl\s+(?:-\w+\s+){0,3}?(?:-\w*n|--values)|head|tail)\b/.test(command)) return [];
  // What joins lines or cuts none away leaves the values as they were.
  const [first = '', ...piped] = command.split('|');
  if (!piped.every((filter) => JOINS.test(filter))) return [];
  return first
    .split(/\s+/)
    .flatMap(expand)
    .flatMap((word) => keyOf(word) ?? []);
}

/** What runs in the end where a command is passed on: `kubectl exec POD -- sh -c 'cat …'`, `sudo`, `nsenter`, `ssh`. */
function innermost(part: string): string {
  const bare = part.replaceAll(/["'`()\s]+/g, ' ').trim();
  const [, inner] = /^(?:.*[\s/])?((?:cat|sysctl|head|tail|wc|conntrack|paste)\s.*)$/.exec(bare) ?? [];
  return (inner ?? bare).trim();
}

/** Brace expansion as shells do it: `nf_conntrack_{count,max}`. */
function expand(word: string): string[] {
  const [, before = '', list = '', after = ''] = /^([^{}]*)\{([^{}]+)\}([^{}]*)$/.exec(word) ?? [];
  return list === '' ? [word] : list.split(',').map((item) => `${before}${item}${after}`);
}

/** The last part of a setting's name, under its present name, or `undefined` when it means nothing here. */
export function keyOf(path: string): string | undefined {
  const last = path.replace(/^.*[./]/, '');
  return SETTING.test(last) ? (RENAMED[last] ?? last) : undefined;
}

function settingFound(key: string, value: string, lines: number): Found {
  return {
    source: 'sysctl',
    name: 'kernel settings',
    lines,
    text: `${key} = ${value.replaceAll(',', '')}`,
    keys: [key],
  };
}

/** A tool's word that conntrack's settings do not exist: the module is not loaded. */
export const missingModule: Recogniser = (lines, at) => {
  const text = lines[at]?.text ?? '';
  const isMissing =
    standsInOrder(text, [
      /cannot stat|can't open|cat:|head:|grep:/i,
      /\bnf_conntrack_(?:count|max)'?:? /i,
      /No such file or directory/i,
    ]) || /"?net\.(?:netfilter\.)?nf_conntrack_\w+"? is an unknown key/.test(text);
  if (!isMissing) return undefined;
  return {
    source: 'conntrack',
    name: 'conntrack’s settings: not there',
    lines: 1,
    text: '',
    keys: ['missing'],
    status: 'missing',
  };
};
