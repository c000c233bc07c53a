import type { Capture } from '../../capture/capture.ts';
import type { SourceId } from '../../capture/sources.ts';
import type { Diagnosis, Finding } from '../../record/diagnosis.ts';

/** How evidence names what was read from a source, and how people name it. */
const EXCERPTED: Readonly<Partial<Record<SourceId, { readonly from: RegExp; readonly name: string }>>> = {
  'kernel-log': { from: /\bdmesg\b/, name: 'the kernel log' },
  'conntrack-S': {
    from: /\b(?:conntrack -S|drop|insert_failed|early_drop|chaintoolong|invalid|found|clash_resolve)\b/,
    name: 'the counters of conntrack',
  },
  'stat-nf_conntrack': {
    from: /stat\/nf_conntrack|\b(?:drop|insert_failed|early_drop|chaintoolong|invalid|found|clash_resolve)\b/,
    name: 'the counters of conntrack',
  },
  softnet_stat: { from: /softnet/, name: '/proc/net/softnet_stat' },
  arp_cache: { from: /arp_cache|table_fulls/, name: '/proc/net/stat/arp_cache' },
  'ss-listen-node': { from: /\bss -ltn\b/, name: 'the listeners' },
  'iptables-save': { from: /iptables/, name: 'the rules' },
};

/**
 * Takes back what an excerpt ruled out: a line that a filter left out may be the one that matters, so what rests on such a
 * source is not seen, not absent. What was seen in it stays.
 */
export function withoutExcerpts(diagnosis: Diagnosis, { sections }: Capture): Diagnosis {
  const sources = new Set(sections.filter(({ isExcerpt }) => isExcerpt === true).map(({ source }) => source));
  const cut = [...sources].flatMap((source) => EXCERPTED[source] ?? []);
  if (cut.length === 0) return diagnosis;
  const told = new Set<string>();
  const findings = diagnosis.findings.map((finding): Finding => {
    const rests = cut.filter(({ from }) =>
      finding.because.some(({ fact, source }) => from.test(`${fact} ${source}`)),
    );
    if (finding.state !== 'absent' || rests.length === 0) return finding;
    for (const { name } of rests) told.add(name);
    return {
      ...finding,
      state: 'unknown',
      missing: rests.map(({ name }) => `not seen in this excerpt of ${name}`),
    };
  });
  const gaps = [...told].map((name) => `${name}: an excerpt → what it does not show is not ruled out`);
  return { ...diagnosis, findings, gaps: [...diagnosis.gaps, ...gaps] };
}
