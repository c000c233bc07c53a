import { type Capture, sectionOf } from '../capture/capture.ts';
import { parseListeners } from '../parse/listeners.ts';
import { parseQueueing } from '../parse/queueing.ts';
import { type Fact, known, unknown } from './fact.ts';
import type { ListenerFacts, ShaperFacts } from './snapshot.ts';
import { samplesOf } from './window.ts';

/** Reads the accept queues of listening sockets, of the node and of pods. */
export function listenerFacts(capture: Capture): Fact<readonly ListenerFacts[]> {
  const found = (['node', 'pod'] as const).flatMap((where) => {
    const at = (sample?: 0 | 1) => sectionOf(capture, `ss-listen-${where}`, sample);
    const newest = at(1) ?? at() ?? at(0);
    if (newest?.status !== 'ok') return [];
    const first = at(0) === newest ? undefined : at(0);
    const before = new Map(parseListeners(first?.text ?? '').map((one) => [one.port, one.waiting]));
    return [
      parseListeners(newest.text).map(({ port, waiting, backlog }) => ({
        where,
        port,
        waiting,
        waitingAtFirst: before.get(port),
        backlog,
      })),
    ];
  });
  return found.length === 0
    ? unknown('listening sockets: not read', 'ss -ltn')
    : known(found.flat(), 'ss -ltn');
}

/** Disciplines that hold traffic back by design; the others drop only when an interface is saturated. */
const SHAPERS = new Set(['tbf', 'htb', 'hfsc', 'cake', 'netem', 'police']);

/** Reads which shapers dropped packets between the samples. */
export function shaperFacts(capture: Capture, windowSeconds: Fact<number>): Fact<readonly ShaperFacts[]> {
  const source = 'tc -s qdisc';
  if (!windowSeconds.known) return windowSeconds;
  const samples = samplesOf(capture, 'tc-qdisc');
  if (typeof samples === 'string') return unknown(samples, source);
  const before = new Map(
    parseQueueing(samples.first).map((one) => [`${one.kind} ${one.device}`, one.dropped]),
  );
  return known(
    parseQueueing(samples.second).flatMap(({ kind, device, dropped }) => {
      const delta = dropped - (before.get(`${kind} ${device}`) ?? dropped);
      return delta > 0n && SHAPERS.has(kind) ? [{ kind, device, dropped: delta }] : [];
    }),
    source,
  );
}
