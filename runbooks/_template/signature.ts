import { defineSignature, evidence, perWindow } from '../../src/core/diagnosis/signature.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import { singleReading } from './single-reading.ts';

/** What goes wrong, and the kernel file and function or the vendor document that says so. */
export default defineSignature({
  id: 'template',
  title: 'The failure mode in words',
  order: { stage: 'one-service', position: 100 },
  singleReading,
  evaluate(snapshot) {
    const losses = valueOf(snapshot.conntrack.losses);
    if (losses === undefined)
      return { state: 'undetermined', missing: ['conntrack counters of two samples'], evidence: [] };
    const because = [
      evidence('early drops', losses.earlyDrop, perWindow('entries', snapshot), 0, 'early_drop'),
    ];
    if (losses.earlyDrop === 0n) return { state: 'no-match', evidence: because };
    return {
      state: 'match',
      impact: 'pressure',
      confidence: 'medium',
      evidence: because,
      headline: 'One sentence with the numbers.',
      raise: { allowed: false, why: 'Why a larger table does not help.' },
    };
  },
});
