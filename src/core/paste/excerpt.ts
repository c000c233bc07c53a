import { parseEntries } from '../parse/entries/entries.ts';

/** A part of a pipeline that passes on some of its lines: grep, head, tail and their like. */
const FILTER =
  /(?:^|[|;&]\s*|\bsudo\s+)(?:sudo\s+)?(?:[efz]?grep|rg|head|tail|sed\s+-n|less|more|awk\s+['"]\s*(?:\/|\$\d{1,2}\s*[=~!<>]|NR))/;

/** A filter that lets all kernel messages through that are known here, as the command does that is offered for the next step. */
const LETS_ALL_THROUGH = /-e conntrack -e overflow -e "out of memory"/;

/** Options by which conntrack itself leaves entries out (conntrack(8)). */
const ENTRY_OPTION =
  /\bconntrack\s+-[LE]\b[^|;]*\s(?:-[psdrqgnjmwuz]\b|--(?:proto|(?:orig-|reply-)?(?:src|dst|port-src|port-dst)|[sd]port|state|status|mark|zone|src-nat|dst-nat|any-nat)\b)/;

/** A filter that leaves entries out by what they are; the first lines of an unfiltered list are a fair sample of it. */
const BY_KIND =
  /[|;&]\s*(?:sudo\s+)?(?:[efz]?grep|rg|sed\s+-n|awk\s+['"]\s*(?:\/|\$\d{1,2}\s*[=~!<>]))|^\s*(?:sudo\s+)?[efz]?grep\b/;

/** A command that lists the table. */
const LISTS = /\bconntrack\s+-L\b|\/proc\/net\/(?:nf|ip)_conntrack\b/;

/** Fewest entries from which shares may be told. Our choice: below, a handful was picked by hand. */
const LEAST_ENTRIES = 20;

/** Whether a command shows a part of what it reads. */
export function isFilter(command: string): boolean {
  return FILTER.test(command) && !LETS_ALL_THROUGH.test(command);
}

/**
 * Whether listed entries are no fair sample of their table: they are few, the command filters them by what they are or, where
 * no command is seen, all are of one protocol and state, as no table is.
 */
export function isPickedOut(text: string, command: string): boolean {
  if (BY_KIND.test(command) || ENTRY_OPTION.test(command)) return true;
  const entries = parseEntries(text);
  if (LISTS.test(command)) return entries.length < LEAST_ENTRIES;
  const kinds = new Set<string>();
  for (const { protocol, state } of entries) kinds.add(`${protocol} ${state ?? ''}`);
  return entries.length < LEAST_ENTRIES || kinds.size === 1;
}
