import { parseKernelLog } from '../parse/kernel-log.ts';
import type { Recogniser } from './found.ts';

/** What may stand before a kernel message: stamps, host, facility, `kernel:`, a container's name. Prose is none of it. */
const LOG_PREFIX =
  /^\s*(?:(?:<\d{1,3}>|\[[^\]]{1,40}\]|\w{3}\s+\w{3}\s+\d{1,2}\s[\d:]{5,8}\s\d{4}|\w{3}\s+\d{1,2}\s[\d:]{5,8}|\d{4}-\d\d-\d\d[T ][\d:.,]{5,18}(?:Z|[+-]\d\d:?\d\d)?|[\w.-]{1,64}|(?:kern|daemon|user)\.\w{2,8}|[\w./-]{1,40}(?:\[\d{1,8}\])?:|[|>"'`*-])\s*){0,9}$/;

/** Words that turn a quoted message into the statement that it was not seen. */
const NEGATION = /\b(?:no|not|never|without|none|isn't|aren't|don't|didn't|doesn't|absent|nothing)\b/i;

/** A kernel message that is known here, in any format of time, also when a terminal or a mail program wrapped it. */
export const kernelMessage: Recogniser = (lines, at) => {
  const [line, next] = [lines[at], lines[at + 1]];
  if (line === undefined) return undefined;
  const wrapped =
    next?.command === undefined ? `${line.text.trimEnd()} ${next?.text.trim() ?? ''}` : line.text;
  const isWhole = isMessage(line.text);
  const isWrapped = !isWhole && next !== undefined && !isMessage(next.text) && isMessage(wrapped);
  if (!isWhole && !isWrapped) return undefined;
  const text = isWrapped ? wrapped : line.text;
  const found = { name: 'kernel log', lines: isWrapped ? 2 : 1, text, keys: [] };
  if (isProse(text) && NEGATION.test(text))
    return { ...found, source: undefined, why: 'it says that a message was not seen' };
  return { ...found, source: 'kernel-log' };
};

function isMessage(text: string): boolean {
  return parseKernelLog(text).length > 0;
}

const MESSAGE_START =
  /(?:nf_conntrack:|ip_conntrack:|neighbour:|arp_cache:|ndisc_cache:|neighbou?r table|TCP:|request_sock|MPTCP:|out of socket|possible SYN|net_ratelimit|__ratelimit|\S+: page allocation|page allocation|SLUB:|too many orphaned|\d+ callbacks)/i;

function isProse(text: string): boolean {
  const start = MESSAGE_START.exec(text)?.index ?? 0;
  return !LOG_PREFIX.test(text.slice(0, start)) || text.slice(0, start).trim().split(/\s+/).length > 8;
}

/** What kube-proxy says about stale UDP entries (kubernetes pkg/proxy/conntrack: it runs `conntrack -D` for endpoints that went away). */
export const kubeProxyMessage: Recogniser = (lines, at) => {
  const text = lines[at]?.text ?? '';
  const isTelling =
    /conntrack entries/i.test(text) &&
    /(?:failed to delete|error deleting|clearing conntrack|delet\w+ .*udp|-D\b)/i.test(text);
  if (!isTelling) return undefined;
  return { source: 'kube-proxy-log', name: 'kube-proxy’s log', lines: 1, text, keys: [] };
};
