import { isHalfOpen, shareOf } from '../parse/entries/facts.ts';
import type { Evidence } from '../record/diagnosis.ts';
import { type Fact, valueOf } from '../snapshot/fact.ts';
import type { Deltas, Snapshot } from '../snapshot/snapshot.ts';
import { counted, percent, show } from '../words.ts';
import { evidence, perWindow } from './signature.ts';

/** Something that points away from the node's connection tracking, towards where to look. */
export interface Pointer {
  readonly evidence: Evidence;
  /** For a headline: what was seen and where to look, without a full stop. */
  readonly clause: string;
  /** Whether packets are being lost there. */
  readonly isLoss: boolean;
}

/** Share of segments sent again from which packets are being lost on the way. Below it lies ordinary congestion. Our choice. */
const RESENT_SHARE = 0.005;

/** Fewer segments than these say nothing about a share. */
const LEAST_SEGMENTS = 200;

/** Refusals a second, and their share of all segments, from which somebody keeps asking where nobody listens. Our choice. */
const REFUSED = { perSecond: 10, share: 0.25 } as const;

/** Share of the table's entries from which a destination that answers none of them is worth a word. Our choice. */
const UNANSWERED_SHARE = 0.2;

/** Fewer unanswered entries than these are a backend that was just replaced. Our choice. */
const LEAST_UNANSWERED = 50;

/**
 * Collects what points elsewhere, the most telling first: a shaper, an application that does not accept, a lossy path, a
 * backend that refuses or is silent.
 */
export function pointersOf(snapshot: Snapshot): readonly Pointer[] {
  return [
    ...shapers(snapshot),
    ...waiting(snapshot),
    ...resent(snapshot),
    ...refused(snapshot),
    ...unanswered(snapshot),
  ];
}

/** Connections that are refused at once: the port is closed, as that of a backend that has crashed. */
function refused(snapshot: Snapshot): Pointer[] {
  if (!snapshot.windowSeconds.known) return [];
  const sum = (name: string) =>
    [snapshot.protocol, snapshot.podProtocol].reduce(
      (total, fact) => total + Number(valueOf(fact)?.get(name) ?? 0n),
      0,
    );
  const [resets, segments] = [sum('TcpOutRsts'), sum('TcpInSegs')];
  const perSecond = resets / snapshot.windowSeconds.value;
  if (perSecond < REFUSED.perSecond || resets < REFUSED.share * segments) return [];
  return [
    {
      evidence: evidence('resets sent', resets, perWindow('segments', snapshot), '–', 'TcpOutRsts'),
      clause: `about ${counted(Math.round(perSecond), 'connection')} a second are refused, so look for a backend that is down or does not listen on its port`,
      isLoss: false,
    },
  ];
}

/** Connections that wait for the first answer of one destination: the backend, or the path behind this node, is silent. */
function unanswered(snapshot: Snapshot): Pointer[] {
  const entries = valueOf(snapshot.entries);
  if (entries === undefined || (entries.halfOpen.busiestDestination ?? 0) < 0.5) return [];
  const share = shareOf(entries, (state) => isHalfOpen(state) && state.isUnreplied);
  if (share < UNANSWERED_SHARE || share * entries.total < LEAST_UNANSWERED) return [];
  return [
    {
      evidence: evidence(
        'connections without a first answer',
        percent(share),
        'of entries',
        percent(UNANSWERED_SHARE),
        'entries of the table',
      ),
      clause: `${percent(share)} of the table’s entries wait for the first answer of one destination, so look for a backend or a path behind this node that is silent`,
      isLoss: false,
    },
  ];
}

function shapers(snapshot: Snapshot): Pointer[] {
  return (valueOf(snapshot.shapers) ?? []).map(({ kind, device, dropped }) => ({
    evidence: evidence(
      `dropped by ${kind} on ${device}`,
      dropped,
      perWindow('packets', snapshot),
      0,
      'tc -s qdisc',
    ),
    clause: `the ${kind} shaper on ${device} dropped ${counted(dropped, 'packet')}, look at its rate`,
    isLoss: true,
  }));
}

/** Connections that wait at both samples, and not fewer at the second: the application takes none, or too few. */
function waiting(snapshot: Snapshot): Pointer[] {
  return (valueOf(snapshot.listeners) ?? [])
    .filter(
      (one) =>
        one.waitingAtFirst !== undefined && one.waitingAtFirst > 1 && one.waiting >= one.waitingAtFirst,
    )
    .sort((a, b) => b.waiting - a.waiting)
    .map(({ port, waiting: count, backlog }) => ({
      evidence: evidence(`waiting to be accepted on port ${port}`, count, 'connections', backlog, 'ss -ltn'),
      clause: `${counted(count, 'finished connection')} wait for the application on port ${port}, look there`,
      isLoss: false,
    }));
}

function resent(snapshot: Snapshot): Pointer[] {
  const [fromPods, fromNode] = [resentOf(snapshot.podProtocol), resentOf(snapshot.protocol)];
  const seen = [
    { who: 'pods', resent: fromPods },
    { who: 'the node', resent: fromNode },
  ];
  return seen.flatMap(({ who, resent: share }) =>
    share === undefined || share < RESENT_SHARE
      ? []
      : [
          {
            evidence: evidence(
              `segments sent again by ${who}`,
              `${show(share * 100)} %`,
              'of segments',
              `${show(RESENT_SHARE * 100)} %`,
              'TcpRetransSegs',
            ),
            clause: `${who} had to send ${show(share * 100)} % of segments again, so look at the path`,
            isLoss: true,
          },
        ],
  );
}

function resentOf(fact: Fact<Deltas>): number | undefined {
  const deltas = valueOf(fact);
  const [again, sent] = [
    Number(deltas?.get('TcpRetransSegs') ?? 0n),
    Number(deltas?.get('TcpOutSegs') ?? 0n),
  ];
  return again + sent < LEAST_SEGMENTS ? undefined : again / (again + sent);
}
