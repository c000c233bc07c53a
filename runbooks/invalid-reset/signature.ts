import { defineSignature, evidence, perWindow } from '../../src/core/diagnosis/signature.ts';
import { isHalfOpen, shareOf } from '../../src/core/parse/entries/facts.ts';
import type { Evidence } from '../../src/core/record/diagnosis.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';
import { percent, show } from '../../src/core/words.ts';

/** Invalid packets a second from which they may hurt: below lie stray resets and scans. Our choice; it never decides alone. */
const INVALID_PER_SECOND = 10;

/** Invalid packets a second that are looked at where something else already speaks of harm. */
const NOTED_PER_SECOND = 1;

/** Share of TCP entries whose handshake never finished: with invalid packets it means that half of each connection takes another path. */
const ONE_SIDED_SHARE = 0.5;

/** Invalid packets ÷ entries from which strict tracking, which can't pick a connection up again, is believed to lose some. */
const LOST_SHARE = 0.01;

/** Resets ÷ invalid packets from which both are taken to be one story. */
const RESET_SHARE = 0.1;

/**
 * Packets that tracking can't place are dropped by a rule or passed without translation, and connections break
 * (nf_conntrack_core.c, nf_conntrack_in; kubernetes KUBE-FORWARD `--ctstate INVALID -j DROP`). The counter alone says
 * nothing: stray resets raise it on healthy nodes. Harm needs a second witness.
 */
export default defineSignature({
  id: 'invalid-reset',
  title: 'Packets that tracking calls invalid break connections',
  order: { stage: 'one-service', position: 20 },
  evaluate(snapshot) {
    const invalid = valueOf(snapshot.conntrack.deltas)?.get('invalid');
    const seconds = valueOf(snapshot.windowSeconds);
    if (invalid === undefined || seconds === undefined)
      return { state: 'undetermined', missing: ['conntrack counters of two samples'], evidence: [] };
    const rate = Number(invalid) / seconds;
    const harm = harmOf(snapshot, invalid);
    const because = [
      evidence(
        'invalid packets',
        invalid,
        perWindow('packets', snapshot),
        Math.round(INVALID_PER_SECOND * seconds),
        'conntrack counters',
      ),
      ...harm.evidence,
    ];
    const why = 'Connections break because of packets that are not accepted, not for want of entries.';
    const match = (confidence: 'medium' | 'low', how: string) =>
      ({
        state: 'match',
        impact: 'drops',
        confidence,
        evidence: because,
        headline: `Invalid packets break connections: ${show(invalid)} in the window, ${how}.`,
        raise: { allowed: false, why },
      }) as const;
    if (rate >= NOTED_PER_SECOND && harm.isOneSided)
      return match('medium', 'and most handshakes stay unfinished: answers take another path than requests');
    if (rate >= NOTED_PER_SECOND && harm.isStrict)
      return match('low', 'and tracking is strict here: a connection that lost its entry can not come back');
    if (rate >= INVALID_PER_SECOND && harm.hasResets)
      return match('medium', 'and connections are reset at the same time');
    if (rate >= NOTED_PER_SECOND && harm.mayBeStrict) {
      return {
        state: 'undetermined',
        missing: ['whether tracking is strict (nf_conntrack_tcp_loose, rules that drop invalid packets)'],
        evidence: because,
      };
    }
    if (rate < INVALID_PER_SECOND || harm.isRuledOut) return { state: 'no-match', evidence: because };
    return { state: 'undetermined', missing: harm.missing, evidence: because };
  },
});

function harmOf(snapshot: Snapshot, invalid: bigint) {
  const entries = valueOf(snapshot.entries);
  const [settings, nat] = [valueOf(snapshot.conntrack.timeouts), valueOf(snapshot.nat)];
  const found: Evidence[] = [];
  const tcp = entries === undefined ? 0 : shareOf(entries, ({ protocol }) => protocol === 'tcp');
  const oneSided =
    entries === undefined || tcp === 0
      ? undefined
      : shareOf(entries, (state) => isHalfOpen(state) && state.isUnreplied) / tcp;
  if (oneSided !== undefined)
    found.push(
      evidence(
        'handshakes without an answer',
        percent(oneSided),
        'of TCP entries',
        percent(ONE_SIDED_SHARE),
        'entries of the table',
      ),
    );
  const loose = settings?.get('nf_conntrack_tcp_loose');
  if (loose !== undefined)
    found.push(evidence('nf_conntrack_tcp_loose', loose, '', 1, '/proc/sys/net/netfilter'));
  if (nat !== undefined)
    found.push(
      evidence(
        'rule that drops invalid packets',
        nat.rules.dropsInvalid ? 'yes' : 'no',
        '',
        'no',
        'iptables-save',
      ),
    );
  if (nat?.invalidDropped !== undefined)
    found.push(
      evidence(
        'dropped by that rule',
        nat.invalidDropped,
        perWindow('packets', snapshot),
        0,
        'iptables-save -c',
      ),
    );
  const resets = resetsOf(snapshot);
  if (resets !== undefined)
    found.push(
      evidence('connections reset', resets, perWindow('connections', snapshot), '–', 'TcpEstabResets'),
    );
  const isManyOfThem = entries !== undefined && Number(invalid) >= LOST_SHARE * entries.total;
  const missing = [
    ...(oneSided === undefined && entries?.total !== 0 ? ['entries of the table by state'] : []),
    ...(resets === undefined ? ['/proc/net/snmp of two samples'] : []),
  ];
  return {
    evidence: found,
    isOneSided: oneSided !== undefined && oneSided - (entries?.stateError ?? 0) > ONE_SIDED_SHARE,
    isStrict: loose === 0 && nat?.rules.dropsInvalid === true && isManyOfThem,
    // Strict as far as is known, and something of it was not read.
    mayBeStrict:
      loose !== 1 &&
      nat?.rules.dropsInvalid !== false &&
      (loose === undefined || nat === undefined || entries === undefined),
    hasResets: resets !== undefined && Number(resets) >= RESET_SHARE * Number(invalid),
    isRuledOut: missing.length === 0,
    missing,
  };
}

/** Connections reset on the node, with those of the pods where they were read; `undefined` where the node's were not. */
function resetsOf({ protocol, podProtocol }: Snapshot): bigint | undefined {
  const node = valueOf(protocol)?.get('TcpEstabResets');
  return node === undefined ? undefined : node + (valueOf(podProtocol)?.get('TcpEstabResets') ?? 0n);
}
