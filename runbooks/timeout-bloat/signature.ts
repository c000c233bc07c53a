import { entriesUnderPressure } from '../../src/core/diagnosis/entry-pressure.ts';
import { defineSignature, evidence } from '../../src/core/diagnosis/signature.ts';
import { type EntryFacts, IDLE_SECONDS, shareOf } from '../../src/core/parse/entries/facts.ts';
import type { Evidence } from '../../src/core/record/diagnosis.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';
import { percent, show } from '../../src/core/words.ts';
import remediation from './remediation.ts';

/** Share of entries that must have outlived their connection: the greater half. */
const IDLE_MAJORITY = 0.5;

/** Share of CLOSE_WAIT entries, and their lifetime in seconds, from which they crowd out others: kube-proxy keeps them for an hour, the kernel for a minute (kubernetes pkg/proxy/conntrack). */
const CLOSE_WAIT = { share: 0.2, seconds: 3_600 } as const;

/**
 * Entries outlive their connections: peers that vanished without FIN leave ESTABLISHED entries for up to five days
 * (net/netfilter/nf_conntrack_proto_tcp.c, tcp_timeouts), kube-proxy keeps CLOSE_WAIT for an hour.
 */
export default defineSignature({
  id: 'timeout-bloat',
  title: 'Long timeouts keep dead connections in the table',
  order: { stage: 'background', position: 10 },
  remediation,
  evaluate(snapshot) {
    const pressed = entriesUnderPressure(snapshot);
    if ('state' in pressed) return pressed;
    const { facts, isPaste } = pressed;
    const seen = sharesOf(facts, snapshot);
    const isIdle = seen.idle !== undefined && seen.idle - facts.groupError > IDLE_MAJORITY;
    const isClosing =
      seen.closeWait - facts.stateError > CLOSE_WAIT.share &&
      (seen.closeWaitSeconds ?? 0) >= CLOSE_WAIT.seconds;
    if (!isIdle && !isClosing) {
      return seen.idle === undefined && seen.established > IDLE_MAJORITY
        ? {
            state: 'undetermined',
            missing: ['how long established entries have been silent'],
            evidence: seen.evidence,
          }
        : { state: 'no-match', evidence: seen.evidence };
    }
    const what = isIdle
      ? `${percent(seen.idle ?? 0)} of the table are established connections without a packet for four hours`
      : `${percent(seen.closeWait)} of the table are half-closed connections, kept for ${show(seen.closeWaitSeconds ?? 0)} s`;
    return {
      state: 'match',
      impact: 'pressure',
      confidence: isPaste ? 'low' : 'medium',
      evidence: seen.evidence,
      headline: `Long timeouts fill the table: ${what}.`,
      raise: {
        allowed: false,
        why: 'Entries of dead connections fill any size; shorten their timeout first.',
      },
    };
  },
});

function sharesOf(facts: EntryFacts, snapshot: Snapshot) {
  const timeouts = valueOf(snapshot.conntrack.timeouts);
  const established = shareOf(facts, ({ state }) => state === 'ESTABLISHED');
  const closeWait = shareOf(facts, ({ state }) => state === 'CLOSE_WAIT');
  const closeWaitSeconds = timeouts?.get('nf_conntrack_tcp_timeout_close_wait');
  const { idle: counted } = facts;
  const idle =
    established === 0
      ? 0
      : counted === undefined || counted.looked === 0
        ? undefined
        : established * (counted.idle / counted.looked);
  const source = 'entries of the table';
  const found: Evidence[] = [
    evidence('CLOSE_WAIT share', percent(closeWait), 'of entries', percent(CLOSE_WAIT.share), source),
  ];
  if (closeWaitSeconds !== undefined)
    found.push(
      evidence(
        'CLOSE_WAIT timeout',
        closeWaitSeconds,
        'seconds',
        CLOSE_WAIT.seconds,
        'nf_conntrack_tcp_timeout_close_wait',
      ),
    );
  if (idle !== undefined)
    found.push(
      evidence(
        `established and silent for ${IDLE_SECONDS / 3_600} h`,
        percent(idle),
        'of entries',
        percent(IDLE_MAJORITY),
        source,
      ),
    );
  return { idle, established, closeWait, closeWaitSeconds, evidence: found };
}
