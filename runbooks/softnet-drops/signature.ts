import { defineSignature, evidence, perWindow } from '../../src/core/diagnosis/signature.ts';
import type { Evidence } from '../../src/core/record/diagnosis.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts';
import { show } from '../../src/core/words.ts';
import { singleReading } from './single-reading.ts';

/**
 * Packets die before connection tracking sees them: in a CPU's backlog (net/core/dev.c, enqueue_to_backlog: column 2 of
 * softnet_stat) or in the card's ring. time_squeeze only says that work was put off, so it is shown and never decides.
 */
export default defineSignature({
  id: 'softnet-drops',
  title: 'Packets dropped before connection tracking: backlog or ring full',
  order: { stage: 'host', position: 20 },
  usualSuspect: 60,
  singleReading,
  evaluate(snapshot) {
    const softnet = valueOf(snapshot.softnet);
    const ring = valueOf(snapshot.ringDrops);
    const because = evidenceOf(snapshot);
    const [backlogDrops, ringDrops] = [softnet?.dropped ?? 0n, ring ?? 0n];
    if (backlogDrops + ringDrops > 0n) {
      const where = backlogDrops >= ringDrops ? 'a CPU’s backlog' : 'the card’s receive ring';
      return {
        state: 'match',
        impact: 'drops',
        confidence: 'high',
        evidence: because,
        headline: `Packets dropped before connection tracking: ${show(backlogDrops + ringDrops)} in the window, because ${where} was full; new and established connections suffer alike.`,
        raise: {
          allowed: false,
          why: 'The packets are dropped before connection tracking sees them; its table is not involved.',
        },
      };
    }
    const missing = [
      ...(softnet === undefined ? ['/proc/net/softnet_stat of two samples'] : []),
      ...(!snapshot.ringDrops.known && snapshot.ringDrops.kind === 'unknown'
        ? ['the card’s receive ring (ethtool -S of two samples)']
        : []),
    ];
    if (missing.length > 0) return { state: 'undetermined', missing, evidence: because };
    return { state: 'no-match', evidence: because };
  },
});

function evidenceOf(snapshot: Snapshot): Evidence[] {
  const facts: Evidence[] = [];
  if (snapshot.softnet.known) {
    const { dropped, timeSqueeze } = snapshot.softnet.value;
    const { source } = snapshot.softnet;
    facts.push(evidence('backlog drops', dropped, perWindow('packets', snapshot), 0, source));
    facts.push(evidence('time_squeeze', timeSqueeze, perWindow('times', snapshot), '–', source));
  }
  if (snapshot.ringDrops.known) {
    facts.push(
      evidence(
        'receive ring drops',
        snapshot.ringDrops.value,
        perWindow('packets', snapshot),
        0,
        snapshot.ringDrops.source,
      ),
    );
  }
  return facts;
}
