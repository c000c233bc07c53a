import { effectOf, freshLines, isSeenNow } from '../../src/core/diagnosis/log-lines.ts';
import { defineSignature, evidence } from '../../src/core/diagnosis/signature.ts';
import { counted } from '../../src/core/words.ts';

/**
 * The table of expected secondary connections (FTP, SIP, TFTP helpers) is full: net/netfilter/nf_conntrack_expect.c,
 * __nf_ct_expect_check. Its line holds the words "table full" and is about another table than the main one.
 */
export default defineSignature({
  id: 'expectation-table-full',
  title: 'Expectation table full: helper connections (FTP, SIP) refused',
  order: { stage: 'one-service', position: 40 },
  evaluate(snapshot) {
    const lines = freshLines(snapshot, 'expectation-table-full');
    if (lines === undefined) return { state: 'undetermined', missing: ['kernel log'], evidence: [] };
    const because = [evidence('"expectation table full" lines', lines.length, 'kernel messages', 0, 'dmesg')];
    // Pasted text holds the lines that somebody picked.
    if (lines.length === 0 && snapshot.origin === 'paste')
      return { state: 'undetermined', missing: ['the whole kernel log'], evidence: because };
    if (lines.length === 0) return { state: 'no-match', evidence: because };
    return {
      state: 'match',
      impact: 'drops',
      confidence: isSeenNow(lines) ? 'high' : 'medium',
      evidence: because,
      headline: `Expectation table full (${counted(lines.length, 'kernel message')}), not the main table: secondary connections of FTP, SIP or TFTP ${effectOf(lines, 'fail', 'failed')}`,
      raise: {
        allowed: false,
        why: 'The expectation table has its own limit, nf_conntrack_expect_max; the main table is not full.',
      },
    };
  },
});
