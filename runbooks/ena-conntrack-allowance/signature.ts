import { allowanceUse } from '../../src/core/diagnosis/ena.ts';
import { defineSignature } from '../../src/core/diagnosis/signature.ts';
import { allowance, summedAllowance } from '../../src/core/diagnosis/single-reading/allowance.ts';
import { counted } from '../../src/core/words.ts';

/**
 * EC2 tracks connections for security groups outside the instance and dropped packets at the instance's maximum
 * (conntrack_allowance_exceeded: EC2 user guide "Monitor network performance for ENA" and "Security group connection
 * tracking"). The kernel's own table is another one.
 */
export default defineSignature({
  id: 'ena-conntrack-allowance',
  title: "EC2's tracked-connection limit of the instance exceeded",
  order: { stage: 'new-entries', position: 40 },
  usualSuspect: 50,
  singleReading: {
    sinceBoot: allowance(['conntrack'], 'tracked-connection limit', false),
    asRead: summedAllowance('conntrack', 'tracked-connection limit'),
  },
  evaluate(snapshot) {
    const use = allowanceUse(snapshot, 'conntrack');
    if ('state' in use) return use;
    if (use.exceeded === 0n) return { state: 'no-match', evidence: use.evidence };
    const why =
      'EC2 drops connections at its own limit outside the instance; a larger table in the kernel does not move it.';
    return {
      state: 'match',
      impact: 'drops',
      confidence: 'high',
      evidence: use.evidence,
      lost: { packets: use.exceeded, by: 'ec2' },
      headline: `EC2's tracked-connection limit exceeded: ${counted(use.exceeded, 'packet')} of new connections dropped outside the instance.`,
      raise: { allowed: false, why },
      blocksRaise: `${why} More connections through this node would only meet it sooner.`,
    };
  },
});
