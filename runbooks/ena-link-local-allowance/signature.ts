import { allowanceUse, isNegligible } from '../../src/core/diagnosis/ena.ts';
import { defineSignature } from '../../src/core/diagnosis/signature.ts';
import { allowance, summedAllowance } from '../../src/core/diagnosis/single-reading/allowance.ts';
import { counted } from '../../src/core/words.ts';

/** Packets a minute from which DNS users are sure to notice; fewer may hit lookups that are retried. Our choice. */
const NOTICED_PER_MINUTE = 100;

/**
 * EC2 drops packets to its link-local services (DNS resolver, instance metadata, time) above 1,024 packets a second
 * and interface (linklocal_allowance_exceeded: EC2 user guide "Monitor network performance for ENA", VPC user guide
 * "DNS quotas").
 */
export default defineSignature({
  id: 'ena-link-local-allowance',
  title: "EC2's link-local limit exceeded: DNS and metadata requests dropped",
  order: { stage: 'one-destination', position: 10 },
  singleReading: {
    sinceBoot: allowance(['linklocal'], 'limit for DNS and other link-local services', false),
    asRead: summedAllowance('linklocal', 'limit for DNS and other link-local services'),
  },
  evaluate(snapshot) {
    const use = allowanceUse(snapshot, 'linklocal');
    if ('state' in use) return use;
    if (use.exceeded === 0n) return { state: 'no-match', evidence: use.evidence };
    const why =
      'The packets are dropped by EC2 on the way to its resolver; the table of the node is not involved.';
    return {
      state: 'match',
      impact: 'drops',
      confidence: use.perMinute >= NOTICED_PER_MINUTE ? 'high' : 'medium',
      evidence: use.evidence,
      lost: { packets: use.exceeded, by: 'ec2' },
      headline: `EC2's link-local limit exceeded: ${counted(use.exceeded, 'packet')} to the VPC's DNS resolver or metadata service dropped in the window.`,
      raise: { allowed: false, why },
      ...(use.perMinute < NOTICED_PER_MINUTE && isNegligible(snapshot) ? {} : { blocksRaise: why }),
    };
  },
});
