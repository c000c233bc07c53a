import { defineSignature, evidence } from '../../src/core/diagnosis/signature.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';
import { percent } from '../../src/core/words.ts';

/** Kernel in which a reused port no longer costs the first SYN (net/netfilter/ipvs/ip_vs_core.c, ip_vs_in; kubernetes issue 93297). */
const MENDED = { major: 5, minor: 9 } as const;

/** Share of finished connections from which clients come round to the same port while its old connection is remembered. Our choice; it never decides without the kernel and the mode. */
const FINISHED_SHARE = 0.5;

/**
 * In IPVS mode on kernels before 5.9 a client that reuses a source port loses its first SYN when the old connection is
 * still remembered, and waits exactly one second (kube-router issue 544, kubernetes issues 70747 and 81775). No counter
 * of the node shows it, so this can only be suspected.
 */
export default defineSignature({
  id: 'ipvs-port-reuse',
  title: 'IPVS drops the first SYN of a reused port',
  order: { stage: 'background', position: 40 },
  evaluate(snapshot) {
    const { usesIpvs, identity } = snapshot;
    if (!usesIpvs.known) return { state: 'undetermined', missing: [usesIpvs.why], evidence: [] };
    const mode = evidence(
      'interface kube-ipvs0',
      usesIpvs.value ? 'there' : 'absent',
      '',
      'there',
      usesIpvs.source,
    );
    if (!usesIpvs.value) return { state: 'no-match', evidence: [mode] };
    if (!identity.kernel.known)
      return { state: 'undetermined', missing: ['kernel version'], evidence: [mode] };
    const kernel = evidence(
      'kernel',
      identity.kernel.value,
      '',
      `${MENDED.major}.${MENDED.minor}`,
      'uname -r',
    );
    if (isMended(identity.kernel.value)) return { state: 'no-match', evidence: [mode, kernel] };
    const finished = finishedShare(snapshot);
    if (finished === undefined)
      return { state: 'undetermined', missing: ['entries of the table by state'], evidence: [mode, kernel] };
    const because = [
      mode,
      kernel,
      evidence(
        'finished connections',
        percent(finished),
        'of entries',
        percent(FINISHED_SHARE),
        'entries of the table',
      ),
    ];
    if (finished <= FINISHED_SHARE) return { state: 'no-match', evidence: because };
    return {
      state: 'match',
      impact: 'pressure',
      confidence: 'low',
      evidence: because,
      headline:
        'IPVS on a kernel before 5.9 with many short connections: a reused source port costs its first SYN, which shows as connects of exactly one second.',
      raise: { allowed: false, why: 'The SYN is dropped by IPVS, not by a full table.' },
    };
  },
});

function isMended(kernel: string): boolean {
  const [, major = '0', minor = '0'] = /^(\d{1,3})\.(\d{1,4})/.exec(kernel) ?? [];
  return Number(major) > MENDED.major || (Number(major) === MENDED.major && Number(minor) >= MENDED.minor);
}

function finishedShare(snapshot: Snapshot): number | undefined {
  const entries = valueOf(snapshot.entries);
  return entries?.states
    .filter(({ state }) => state === 'TIME_WAIT' || state === 'CLOSE')
    .reduce((sum, { share }) => sum + share, 0);
}
