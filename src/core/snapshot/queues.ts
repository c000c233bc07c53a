import { type Capture, newest, samplesOf, textAt } from '../capture/capture.ts';
import { parseListeners } from '../parse/listeners.ts';
import { parseQueueing } from '../parse/queueing.ts';
import { type Fact, known, unknown } from './fact.ts';
import type { ListenerFacts, ShaperFacts } from './snapshot.ts';

/** Reads the accept queues of listening sockets, of the node and of pods. */
export function listenerFacts(capture: Capture): Fact<readonly ListenerFacts[]> {
  const found = (['node', 'pod'] as const).flatMap((where) => {
    const source = `ss-listen-${where}` as const;
    const last = newest(capture, source);
    if (last === undefined) return [];
    const first = last.sample === 0 ? undefined : textAt(capture, source, 0);
    const before = new Map(parseListeners(first ?? '').map((one) => [one.port, one.waiting]));
    return [
      parseListeners(last.text).map(({ port, waiting, backlog }) => ({
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
