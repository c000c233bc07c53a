import { allowanceUse } from '../../src/core/diagnosis/ena.ts';
import { defineSignature } from '../../src/core/diagnosis/signature.ts';
import { allowance } from '../../src/core/diagnosis/single-reading/allowance.ts';
import { trafficEvidence } from '../../src/core/diagnosis/traffic.ts';
import { counted } from '../../src/core/words.ts';

/**
 * Packets a minute from which the limit counts as met. Healthy instances tick slowly during micro-bursts: the EKS node
 * monitoring agent tolerates them with token buckets of 100 and more (monitors/networking/monitor.go), which is the line
 * taken here.
 */
const MET_PER_MINUTE = 100;

/**
 * EC2 queued or dropped packets because the instance exceeded its bandwidth or packets a second
 * (bw_in, bw_out and pps _allowance_exceeded: EC2 user guide "Monitor network performance for ENA").
 */
export default defineSignature({
  id: 'ena-throughput-allowance',
  title: "EC2's bandwidth or packet-rate limit of the instance exceeded",
  order: { stage: 'host', position: 30 },
  usualSuspect: 15,
  judgesBandwidth: true,
  singleReading: { sinceBoot: allowance(['bw_in', 'bw_out', 'pps'], 'bandwidth or packet-rate limit', true) },
  evaluate(snapshot) {
    const use = allowanceUse(snapshot, 'bw_in', 'bw_out', 'pps');
    const traffic = trafficEvidence(snapshot);
    if ('state' in use)
      return use.state === 'no-match' ? { ...use, evidence: [...use.evidence, ...traffic] } : use;
    const evidence = [...use.evidence, ...traffic];
    if (use.perMinute < MET_PER_MINUTE) return { state: 'no-match', evidence };
    const why = 'EC2 shapes all traffic of the instance; the table of the node is not involved.';
    return {
      state: 'match',
      impact: 'drops',
      confidence: 'high',
      evidence,
      lost: { packets: use.exceeded, by: 'ec2' },
      headline: `EC2's bandwidth or packet-rate limit exceeded: ${counted(use.exceeded, 'packet')} queued or dropped in the window; established connections suffer too.`,
      raise: { allowed: false, why },
      blocksRaise: why,
    };
  },
});
