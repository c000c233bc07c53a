import type { Capture, SectionStatus } from '../capture/capture.ts';

const REASONS: Readonly<Record<Exclude<SectionStatus, 'ok'>, string>> = {
  missing: 'not there',
  denied: 'permission denied',
  timeout: 'timed out',
  truncated: 'cut short',
};

/** What the diagnosis loses without a source. Sources that only inform the plan or the runbook are not listed. */
const CONSEQUENCES: Readonly<Record<string, string>> = {
  conntrack: 'use of the table unknown',
  'stat-nf_conntrack': 'conntrack counters unknown',
  'kernel-log': 'kernel messages unknown',
  netstat: 'listen queue overflows unknown',
  softnet_stat: 'backlog drops unknown',
  arp_cache: 'neighbour table overflows unknown',
  ethtool: 'ENA limits unknown',
  meminfo: 'memory bound of a raise unknown',
  slabinfo: 'entry size assumed, not read',
};

/** One sentence for each source that was not read, and one when the output was cut off. */
export function sectionGaps(capture: Capture): readonly string[] {
  const gaps = capture.sections.flatMap((section) => {
    const consequence = CONSEQUENCES[section.source];
    if (section.status === 'ok' || consequence === undefined) return [];
    return [`${section.source}: ${REASONS[section.status]} → ${consequence}`];
  });
  const end = capture.complete
    ? []
    : ['the output ends before its closing section → what would have come later is unknown'];
  return [...new Set([...gaps, ...end])];
}
