import * as z from 'zod';

/** What is known of a source: a file or a tool of a node whose text a capture holds as a section. */
interface Source {
  /** Which script prints it as a section; absent for what only people save or paste. */
  readonly printedBy?: 'collector' | 'change';
  /** Names of its file in a folder of samples, without sample and ending; the first one that is there is read. */
  readonly files?: readonly string[];
  /** What a diagnosis loses without it. Absent where a source only informs the plan or the runbook. */
  readonly withoutIt?: string;
  /** Whether two readings of it set the window of a paste; of several the one that stands first below. */
  readonly setsPace?: true;
  /**
   * Whether it is read, where it is read alone, from a section that was cut short: what is left of it is true line by line.
   * Two samples are compared only whole.
   */
  readonly isReadCut?: true;
}

/**
 * Every source there is, the most telling first. Adding one takes a row here, its parser in `src/core/parse` and its use in
 * `src/core/snapshot`; docs/collector.md says what each that the collector prints holds.
 */
export const SOURCES = table({
  'stat-nf_conntrack': {
    printedBy: 'collector',
    files: ['stat-nf_conntrack'],
    withoutIt: 'conntrack counters unknown',
    setsPace: true,
  },
  'conntrack-S': { printedBy: 'collector', files: ['conntrack-S'], setsPace: true },
  'nstat-node': { files: ['nstat-node'], setsPace: true },
  netstat: {
    printedBy: 'collector',
    files: ['netstat'],
    withoutIt: 'listen queue overflows unknown',
    setsPace: true,
  },
  softnet_stat: {
    printedBy: 'collector',
    files: ['softnet_stat'],
    withoutIt: 'backlog drops unknown',
    setsPace: true,
  },
  ethtool: {
    printedBy: 'collector',
    files: ['ethtool-S'],
    withoutIt: 'ENA limits unknown',
    setsPace: true,
  },
  links: { setsPace: true },
  sysctl: { files: ['sysctl'], setsPace: true, isReadCut: true },
  arp_cache: {
    printedBy: 'collector',
    files: ['stat-arp_cache'],
    withoutIt: 'neighbour table overflows unknown',
    setsPace: true,
  },
  'nstat-pod': { files: ['nstat-pod'], setsPace: true },
  snmp: { printedBy: 'collector', files: ['snmp'], setsPace: true },
  conntrack: {
    printedBy: 'collector',
    files: ['count'],
    withoutIt: 'use of the table unknown',
    isReadCut: true,
  },
  'kernel-log': {
    printedBy: 'collector',
    files: ['dmesg-iso', 'dmesg-T', 'dmesg'],
    withoutIt: 'kernel messages unknown',
    isReadCut: true,
  },
  identity: { printedBy: 'collector', isReadCut: true },
  host: { files: ['host'], isReadCut: true },
  state: { printedBy: 'collector' },
  timeouts: { printedBy: 'collector', isReadCut: true },
  neighbours: { printedBy: 'collector', isReadCut: true },
  entries: { printedBy: 'collector', isReadCut: true },
  'ct-states': { files: ['ct-states'] },
  'ct-sample': { files: ['ct-sample'] },
  'ct-excerpt': {},
  'ct-top': { files: ['ct-top'] },
  'udp-rules': { printedBy: 'collector' },
  'snat-ranges': { printedBy: 'collector' },
  'iptables-save': { files: ['iptables-save'] },
  iptables: {},
  pods: { printedBy: 'collector', isReadCut: true },
  pod_sockets: { printedBy: 'collector', isReadCut: true },
  'ss-listen-node': { files: ['ss-listen-node'] },
  'ss-listen-pod': { files: ['ss-listen-pod'] },
  'ss-s': {},
  'tc-qdisc': { files: ['tc-qdisc'] },
  'cilium-metrics': { files: ['cilium-metrics'] },
  sockstat: { printedBy: 'collector', files: ['sockstat'] },
  meminfo: { printedBy: 'collector', files: ['meminfo'], withoutIt: 'memory bound of a raise unknown' },
  slabinfo: { printedBy: 'collector', files: ['slabinfo'], withoutIt: 'entry size assumed, not read' },
  'kube-proxy': { printedBy: 'collector' },
  'kube-proxy-log': {},
  tuners: { printedBy: 'collector' },
  persistence: { printedBy: 'collector' },
  uptime: {},
  'request-timings': {},
  observations: {},
  result: { printedBy: 'change' },
});

/** Gives each row the same type, so that any row can be asked anything, and keeps the ids. */
function table<Id extends string>(rows: Readonly<Record<Id, Source>>): Readonly<Record<Id, Source>> {
  return rows;
}

/** Id of a source: the name of its section. */
export type SourceId = keyof typeof SOURCES;

const IDS = Object.keys(SOURCES) as SourceId[];

/** Accepts the id of a source, and nothing that merely looks like one. */
export const SourceId = z.enum(IDS);

/** Sources whose readings set the window of a paste, the most telling first. */
export const PACERS: readonly SourceId[] = IDS.filter((id) => SOURCES[id].setsPace === true);

/** The source of each file in a folder of samples, in the order in which they are looked for. */
export const SOURCE_OF_FILE: ReadonlyMap<string, SourceId> = new Map(
  IDS.flatMap((id) => (SOURCES[id].files ?? []).map((file) => [file, id] as const)),
);
