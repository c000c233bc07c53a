import { newest, sectionOf } from '../../src/core/capture/capture.ts';
import { snapshotOf } from '../../src/core/snapshot/snapshot-of.ts';
import type { PeerView } from './peers.ts';
import type { ScoredCase } from './scored-case.ts';

/** Modes whose logged lines, in captures made inside a namespace, are about the node's own table. */
const OWN_TABLE = new Set(['table-full', 'near-full']);

/**
 * What a case shows to other tools. The lab's node is a namespace of its own in some captures, so the kernel names it in
 * the node's own lines; a host prints these without a name, and so they are shown.
 */
export function peerView({ group, truth, capture }: ScoredCase): PeerView {
  const isRecorded = group === 'lab' || group === 'mixed';
  const log = (newest(capture, 'kernel-log')?.text ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(?:window_seconds|ring_start)=/.test(line))
    .map((line) => (group === 'lab' && OWN_TABLE.has(truth) ? line.replace(/ in netns \d+(?=,)/, '') : line));
  const { use } = snapshotOf(capture).conntrack;
  const [first, second] = [sectionOf(capture, 'ethtool', 0), sectionOf(capture, 'ethtool', 1)];
  return {
    dmesg: log,
    kernLog: isRecorded ? log.map(asSyslog) : log,
    count: use.known ? use.value.last : undefined,
    max: use.known ? use.value.max : undefined,
    ethtool: first === undefined || second === undefined ? undefined : [first.text, second.text],
  };
}

/** A recorded line as kern.log has it; the time itself does not matter to any rule. */
function asSyslog(line: string): string {
  const message = line.replace(/^\s*(?:\d{4}-\d\d-\d\dT[\d:,.]+\S*|\[[^\]]*\])\s*/, '');
  return `Nov 23 12:00:00 node kernel: ${message}`;
}
