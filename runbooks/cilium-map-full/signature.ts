import { defineSignature, evidence } from '../../src/core/diagnosis/signature.ts';
import { CILIUM_MAP_REASONS, type CiliumMetrics } from '../../src/core/parse/cilium.ts';
import type { Evidence } from '../../src/core/record/diagnosis.ts';
import type { CiliumFacts } from '../../src/core/snapshot/snapshot.ts';
import { counted, percent } from '../../src/core/words.ts';

/** Fill level from which a map counts as full: an LRU map evicts living connections when it is, without a sound (docs.cilium.io, "eBPF Maps"). */
const MAP_FULL = 0.9;

const DROPS = 'cilium_drop_count_total';

/** Maps of connections and translations; other maps fill for other reasons. */
const CONNECTION_MAP = /^(?:cilium_)?(?:ct|snat)[46_]|_(?:ct|nat|snat)/;

/**
 * With Cilium in place of kube-proxy connections live in eBPF maps (cilium_ct4_global, cilium_snat_v4_external), not in
 * the kernel's table. Insertion can also fail for a moment on kernels before 6.15 without a full map, so a drop reason
 * alone is weaker than a fill level.
 */
export default defineSignature({
  id: 'cilium-map-full',
  title: "Cilium's connection map full",
  order: { stage: 'new-entries', position: 70 },
  evaluate(snapshot) {
    const { cilium } = snapshot;
    if (!cilium.known) return { state: 'undetermined', missing: [cilium.why], evidence: [] };
    const { isPresent, metrics } = cilium.value;
    if (!isPresent)
      return {
        state: 'no-match',
        evidence: [evidence('Cilium interfaces', 0, 'interfaces', '–', cilium.source)],
      };
    if (metrics === undefined) {
      return {
        state: 'undetermined',
        missing: [
          "fill level of Cilium's maps (metrics cilium_bpf_map_pressure and cilium_drop_count_total)",
        ],
        evidence: [],
      };
    }
    const { fullest, dropped, because } = readingOf(cilium.value, metrics);
    const isFull = fullest !== undefined && fullest[1] >= MAP_FULL;
    if (!isFull && dropped === 0n) return { state: 'no-match', evidence: because };
    const what = isFull
      ? `${fullest[0]} is at ${percent(fullest[1])}`
      : `${counted(dropped, 'packet')} dropped because no entry could be made`;
    return {
      state: 'match',
      impact: dropped > 0n ? 'drops' : 'pressure',
      confidence: isFull ? (dropped > 0n ? 'high' : 'medium') : 'low',
      evidence: because,
      headline: `Cilium's connection map full: ${what}; these maps are not the kernel's table.`,
      raise: {
        allowed: false,
        why: "Connections are in Cilium's maps here; nf_conntrack_max does not size them.",
      },
    };
  },
});

function readingOf({ drops }: CiliumFacts, metrics: CiliumMetrics) {
  const { pressure, events } = metrics;
  const fullest = [...pressure]
    .filter(([name]) => CONNECTION_MAP.test(name))
    .sort(([, a], [, b]) => b - a)[0];
  // Totals since the agent's start prove nothing about now: only a rise over two samples, or drops seen one by one, count.
  const full = [...(drops ?? []), ...events].filter(([reason]) => CILIUM_MAP_REASONS.has(reason));
  const dropped = full.reduce((sum, [, count]) => sum + (count > 0n ? count : 0n), 0n);
  // Of a single reading the total is told as what it is.
  const isTotal = drops === undefined && events.size === 0;
  const total = [...metrics.drops].reduce(
    (sum, [reason, count]) => sum + (CILIUM_MAP_REASONS.has(reason) ? count : 0n),
    0n,
  );
  const because: Evidence[] = [
    ...(fullest === undefined
      ? []
      : [
          evidence(
            `fill of ${fullest[0]}`,
            percent(fullest[1]),
            'of the map',
            percent(MAP_FULL),
            'cilium_bpf_map_pressure',
          ),
        ]),
    isTotal
      ? evidence('drops for want of a map entry', total, 'packets since the agent started', '–', DROPS)
      : evidence('drops for want of a map entry', dropped, 'packets', 0, DROPS),
  ];
  return { fullest, dropped, because };
}
