import { parseKernelLog } from '../../parse/kernel-log.ts';
import { isFiltered } from '../excerpt.ts';
import type { Recogniser } from '../found.ts';

/** Words that turn a quoted message into the statement that it was not seen. */
const NEGATION = /\b(?:no|not|never|without|none|isn't|aren't|don't|didn't|doesn't|absent|nothing)\b/i;

/** A kernel message that is known here, in any format of time, also when a terminal or a mail program wrapped it. */
export const kernelMessage: Recogniser = (lines, at, { command }) => {
  const [line, next] = [lines[at], lines[at + 1]];
  if (line === undefined) return undefined;
  const wrapped =
    next?.command === undefined ? `${line.text.trimEnd()} ${next?.text.trim() ?? ''}` : line.text;
  const isWhole = isMessage(line.text);
  const isWrapped = !isWhole && next !== undefined && !isMessage(next.text) && isMessage(wrapped);
  if (!isWhole && !isWrapped) return undefined;
  const text = isWrapped ? wrapped : line.text;
  const found = { name: 'kernel log', lines: isWrapped ? 2 : 1, text, keys: [] };
  if (NEGATION.test(text)) return { ...found, source: undefined, why: 'it says that a message was not seen' };
  // Lines without a command were picked out by whoever pasted them.
  const isWholeLog = /\b(?:dmesg|journalctl)\b/.test(command) && !isFiltered(command, 'kernel-log');
  return { ...found, source: 'kernel-log', isExcerpt: !isWholeLog };
};

function isMessage(text: string): boolean {
  return parseKernelLog(text).length > 0;
}

/** What kube-proxy says about stale UDP entries (kubernetes pkg/proxy/conntrack: it runs `conntrack -D` for endpoints that went away). */
export const kubeProxyMessage: Recogniser = (lines, at) => {
  const text = lines[at]?.text ?? '';
  const isAbout = /conntrack entries|connection tracking state|(?:service|endpoint)s? connections/i.test(
    text,
  );
  const isTelling = isAbout && /failed to delete|error deleting|clearing conntrack|-D\b/i.test(text);
  if (!isTelling) return undefined;
  return { source: 'kube-proxy-log', name: 'kube-proxy’s log', lines: 1, text, keys: [] };
};

/** node-problem-detector's message, which names count and limit (config/plugin/network_problem.sh). */
export const problemDetectorMessage: Recogniser = (lines, at) => {
  const [, count, max] =
    /Conntrack table usage over \d{1,3}%: (\d{1,12}) out of (\d{1,12})/.exec(lines[at]?.text ?? '') ?? [];
  if (count === undefined || max === undefined) return undefined;
  return {
    source: 'sysctl',
    name: 'node-problem-detector’s message',
    lines: 1,
    text: `nf_conntrack_count = ${count}\nnf_conntrack_max = ${max}`,
    keys: ['nf_conntrack_count', 'nf_conntrack_max'],
  };
};
