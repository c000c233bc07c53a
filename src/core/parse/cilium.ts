/** What Cilium's own metrics say about its connection maps. */
export interface CiliumMetrics {
  /** Fill level of each eBPF map, 0 to 1 (`cilium_bpf_map_pressure`). */
  readonly pressure: ReadonlyMap<string, number>;
  /** Packets dropped by reason since the agent started (`cilium_drop_count_total`). */
  readonly drops: ReadonlyMap<string, bigint>;
  /** Drops seen one by one (`cilium monitor`), by reason. */
  readonly events: ReadonlyMap<string, bigint>;
}

/** Reasons that speak of a connection map: no entry could be made, or no port for a translation. */
export const CILIUM_MAP_REASONS: ReadonlySet<string> = new Set([
  'CT: Map insertion failed',
  'No mapping for NAT masquerade',
]);

/** Reads Cilium's metrics, as Prometheus or as `cilium metrics list` prints them, and monitor lines; `undefined` when none is found. */
export function parseCilium(text: string): CiliumMetrics | undefined {
  const pressure = new Map(
    Array.from(
      text.matchAll(
        /^cilium_bpf_map_pressure[{ \t][^}\n]{0,200}map_name="?([\w.-]{1,60})"?(?:[^}\n]{0,200}\})?\s+([\d.]{1,20})/gm,
      ),
      ([, name = '', value]) => [name, Number(value)] as const,
    ).filter(([, value]) => Number.isFinite(value)),
  );
  const drops = sums(
    text,
    /^cilium_drop_count_total[{ \t][^}\n]{0,200}?reason=(?:"([^"\n]{1,80})"(?:[^}\n]{0,200}\})?\s+|([^"\n]{1,80}?)\s{2,})(\d{1,18}(?:\.\d{1,9})?(?:e\+\d{1,2})?)/gm,
  );
  const events = sums(text, /\bdrop \(([^)\n]{1,80})\)(?= flow| to | from |\s*$)/gm);
  return pressure.size + drops.size + events.size === 0 ? undefined : { pressure, drops, events };
}

function sums(text: string, pattern: RegExp): ReadonlyMap<string, bigint> {
  const found = new Map<string, bigint>();
  for (const match of text.matchAll(pattern)) {
    const [reason = '', count = '1'] = match.slice(1).filter((group) => group !== undefined);
    found.set(reason, (found.get(reason) ?? 0n) + BigInt(Math.round(Number(count))));
  }
  return found;
}
