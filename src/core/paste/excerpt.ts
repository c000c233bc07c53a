import type { SourceId } from '../capture/sources.ts';
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

/** What in a command prints a source, where one line of it prints several things. */
const PRINTS: Readonly<Partial<Record<SourceId, RegExp>>> = {
  'conntrack-S': /\bconntrack\s+-S/,
  'stat-nf_conntrack': /stat\/nf_conntrack|\bconntrack\s+-S|\blnstat\b/,
  'kernel-log': /\b(?:dmesg|journalctl)\b|\/var\/log\//,
  softnet_stat: /softnet_stat/,
  arp_cache: /arp_cache/,
  'ss-listen-node': /\bss\s/,
  'iptables-save': /\biptables/,
};

/** Whether what printed a source was filtered: the part of the command that names it, or the whole where none does. */
export function isFiltered(command: string, source: SourceId): boolean {
  const parts = command.split(/;|&&/).filter((part) => PRINTS[source]?.test(part) === true);
  return parts.length === 0 ? isFilter(command) : parts.some(isFilter);
}

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
