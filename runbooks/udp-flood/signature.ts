import { entriesUnderPressure } from '../../src/core/diagnosis/entry-pressure.ts';
import { defineSignature, evidence } from '../../src/core/diagnosis/signature.ts';
import { shareOf } from '../../src/core/parse/entries/facts.ts';
import { percent } from '../../src/core/words.ts';

/** Share of UDP from which it is what fills the table: the greater half. */
const UDP_MAJORITY = 0.5;

/**
 * Short UDP flows fill the table: each lookup is an entry that lives for nf_conntrack_udp_timeout, 30 s by default,
 * although its answer came in a millisecond (net/netfilter/nf_conntrack_proto_udp.c).
 */
export default defineSignature({
  id: 'udp-flood',
  title: 'Short UDP flows fill the table',
  order: { stage: 'background', position: 30 },
  evaluate(snapshot) {
    const pressed = entriesUnderPressure(snapshot);
    if ('state' in pressed) return pressed;
    const { facts, isPaste } = pressed;
    const udp = shareOf(facts, ({ protocol }) => protocol === 'udp');
    const ports = [...new Set(facts.destinations.slice(0, 3).flatMap(({ port }) => port ?? []))];
    const because = [
      evidence('UDP share', percent(udp), 'of entries', percent(UDP_MAJORITY), 'entries of the table'),
      ...(ports.length === 0
        ? []
        : [evidence('busiest destination ports', ports.join(', '), 'ports', '–', 'entries of the table')]),
    ];
    if (udp - facts.stateError <= UDP_MAJORITY) return { state: 'no-match', evidence: because };
    const port = ports[0] === undefined ? '' : `, most to port ${ports[0]}`;
    return {
      state: 'match',
      impact: 'pressure',
      confidence: isPaste ? 'low' : 'medium',
      evidence: because,
      headline: `Short UDP flows fill the table: ${percent(udp)} of its entries${port}.`,
      raise: {
        allowed: false,
        why: 'Short UDP flows fill the table; keep them out of it before making it larger.',
      },
    };
  },
});
