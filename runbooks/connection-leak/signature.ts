import { entriesUnderPressure } from '../../src/core/diagnosis/entry-pressure.ts';
import { defineSignature, evidence } from '../../src/core/diagnosis/signature.ts';
import { shareOf } from '../../src/core/parse/entries/facts.ts';
import { percent } from '../../src/core/words.ts';

/** Share of established entries, and of the busiest end among all, from which one workload holds the table: the greater half. */
const MAJORITY = 0.5;

/**
 * One client, or the clients of one service, open connections and keep them: entries of established connections are
 * assured and never evicted (nf_conntrack_core.c, early_drop_list).
 */
export default defineSignature({
  id: 'connection-leak',
  title: 'One workload holds most connections open',
  order: { stage: 'background', position: 20 },
  evaluate(snapshot) {
    const pressed = entriesUnderPressure(snapshot);
    if ('state' in pressed) return pressed;
    const { facts, isPaste } = pressed;
    const established = shareOf(facts, ({ state }) => state === 'ESTABLISHED');
    const [source, destination] = [facts.sources[0], facts.destinations[0]];
    const [sourceShare, destinationShare] = [source?.share ?? 0, destination?.share ?? 0];
    const where = 'entries of the table';
    const because = [
      evidence('established share', percent(established), 'of entries', percent(MAJORITY), where),
      ...(source === undefined
        ? []
        : [evidence('busiest source', percent(sourceShare), 'of entries', percent(MAJORITY), where)]),
      ...(destination === undefined
        ? []
        : [
            evidence(
              `busiest destination (port ${destination.port ?? '–'})`,
              percent(destinationShare),
              'of entries',
              percent(MAJORITY),
              where,
            ),
          ]),
    ];
    const isHeldOpen = established - facts.stateError > MAJORITY;
    if (!isHeldOpen) return { state: 'no-match', evidence: because };
    if (source === undefined && destination === undefined)
      return { state: 'undetermined', missing: ['the ends of the entries'], evidence: because };
    const isOne = Math.max(sourceShare, destinationShare) - facts.groupError > MAJORITY;
    if (!isOne) return { state: 'no-match', evidence: because };
    const who =
      sourceShare >= destinationShare
        ? `one source has ${percent(sourceShare)} of all entries`
        : `connections to one service (port ${destination?.port ?? '–'}) are ${percent(destinationShare)} of all entries`;
    return {
      state: 'match',
      impact: 'pressure',
      confidence: isPaste ? 'low' : 'medium',
      evidence: because,
      headline: `One workload holds most connections open: ${who}, and ${percent(established)} are established.`,
      raise: {
        allowed: false,
        why: 'A workload that opens connections and keeps them fills any size; mend it first.',
      },
    };
  },
});
