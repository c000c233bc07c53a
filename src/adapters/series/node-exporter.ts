import { isOtherBoot, type NumberField } from '../../core/fleet/reading.ts';
import { CLOCKS_APART, type SampledNode } from '../../core/fleet/sampled.ts';
import type { Clock } from '../../core/ports.ts';
import type { SweptNode } from '../../core/sweep/found.ts';
import { nodeNames } from '../../core/sweep/node-names.ts';
import type { NodeSeries } from '../../core/sweep/sampled.ts';
import { SeriesUnreadableError } from '../errors.ts';
import type { PrometheusApi, PrometheusSample } from './prometheus-api.ts';

/** Labels that name the node of a series, besides `instance`, where it is scraped: of EC2's discovery, of charts, of kubelet's. */
const NODE_LABELS = ['instance_id', 'provider_id', 'node', 'kubernetes_node'] as const;

/** Each number that node_exporter tells, as a query over the metrics with what they are narrowed to and summed up by. */
const NUMBERS: Readonly<Partial<Record<NumberField, (by: string, of: string) => string>>> = {
  count: (by, of) => `max by (${by}) (node_nf_conntrack_entries${of})`,
  max: (by, of) => `max by (${by}) (node_nf_conntrack_entries_limit${of})`,
  drops: (by, of) => `max by (${by}) (node_nf_conntrack_stat_drop${of})`,
  insertFailed: (by, of) => `max by (${by}) (node_nf_conntrack_stat_insert_failed${of})`,
  earlyDrops: (by, of) => `max by (${by}) (node_nf_conntrack_stat_early_drop${of})`,
  bootedAt: (by, of) => `max by (${by}) (node_boot_time_seconds${of})`,
  neighbours: (by, of) => `sum by (${by}) (max by (${by}, device) (node_arp_entries${of}))`,
  enaExceeded: (by, of) =>
    `sum by (${by}) (max by (${by}, device) (node_ethtool_conntrack_allowance_exceeded${of}))`,
  enaAvailable: (by, of) => `min by (${by}) (node_ethtool_conntrack_allowance_available${of})`,
};

/** What is scraped under one name, which one machine is unless two have the same. */
interface Target {
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since 1970 of the newest sample of its table. */
  at?: number;
  readonly numbers: Partial<Record<NumberField, number>>;
  /** The earliest time of boot under this name. */
  bootedFrom?: number;
  kernel?: string;
  /** What the machine itself says that it is called. */
  nodename?: string;
}

/** Which series of a Prometheus are those of the fleet's nodes. */
export interface NodeExporterSettings {
  /** Labels that a series must have. */
  readonly labels: Readonly<Record<string, string>>;
  /** One more label that names the node. */
  readonly nodeLabel?: string | undefined;
}

/**
 * Node_exporter's series in a Prometheus. All queries of one reading are evaluated at one moment of the server's own clock, and each is
 * summed up on the server to what names a node, so that an answer stays small.
 */
export class NodeExporterSeries implements NodeSeries {
  readonly #api: Pick<PrometheusApi, 'query'>;
  readonly #settings: NodeExporterSettings;
  readonly #clock: Clock;

  constructor(api: Pick<PrometheusApi, 'query'>, settings: NodeExporterSettings, clock: Clock) {
    this.#api = api;
    this.#settings = settings;
    this.#clock = clock;
  }

  async read(nodes: readonly SweptNode[]): Promise<ReadonlyMap<string, SampledNode>> {
    const { labels, nodeLabel } = this.#settings;
    const by = [...NODE_LABELS, ...(nodeLabel === undefined ? [] : [nodeLabel]), 'instance'];
    const of = selectorOf(labels);
    const all = by.join(', ');
    const targets = new Map<string, Target>();
    const each = (
      samples: readonly PrometheusSample[],
      put: (target: Target, sample: PrometheusSample) => void,
    ) => {
      for (const sample of samples) put(targetOf(targets, by, sample.labels), sample);
    };
    const first = await this.#api.query(`max by (${all}) (timestamp(node_nf_conntrack_entries${of}))`);
    const [some] = first;
    if (some === undefined) return new Map();
    const at = this.#checked(some.at);
    each(first, (target, { value }) => {
      target.at = value;
    });
    for (const [field, query] of Object.entries(NUMBERS))
      each(await this.#api.query(query(all, of), at), (target, { value }) => {
        target.numbers[field as NumberField] = value;
      });
    each(await this.#api.query(`min by (${all}) (node_boot_time_seconds${of})`, at), (target, { value }) => {
      target.bootedFrom = value;
    });
    const told = `max by (${all}, nodename, release) (node_uname_info${of})`;
    each(await this.#api.query(told, at), (target, { labels: { release, nodename } }) => {
      if (release !== undefined) target.kernel = release;
      if (nodename !== undefined) target.nodename = nodename;
    });
    return byNode([...targets.values()], nodes, nodeLabel);
  }

  /** Samples have the times of the server's clock: where that is wrong, nobody knows how old they are. */
  #checked(at: number): number {
    const ahead = at * 1_000 - this.#clock.now();
    if (Math.abs(ahead) <= CLOCKS_APART) return at;
    throw new SeriesUnreadableError(
      `The clock of the Prometheus is ${Math.round(Math.abs(ahead) / 1_000)} s ${ahead > 0 ? 'ahead' : 'behind'}, so nothing is known of the age of its samples; set it right.`,
    );
  }
}

/** `{cluster="shop"}`; a value may hold anything, and stays one. */
const selectorOf = (labels: Readonly<Record<string, string>>): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')}}`;

function targetOf(
  targets: Map<string, Target>,
  by: readonly string[],
  labels: Readonly<Record<string, string>>,
): Target {
  const key = JSON.stringify(by.map((name) => labels[name] ?? ''));
  const known = targets.get(key);
  if (known !== undefined) return known;
  const target: Target = { labels, numbers: {} };
  targets.set(key, target);
  return target;
}

function byNode(
  targets: readonly Target[],
  nodes: readonly SweptNode[],
  nodeLabel: string | undefined,
): ReadonlyMap<string, SampledNode> {
  const find = nodeNames(nodes);
  const found = new Map<string, Target[]>();
  for (const target of targets) {
    const { labels, nodename, at } = target;
    const names = [...NODE_LABELS, ...(nodeLabel === undefined ? [] : [nodeLabel])].flatMap(
      (name) => labels[name] ?? [],
    );
    const scrapedAt = labels['instance'];
    const instanceId = find({ names, scrapedAt });
    if (instanceId === undefined || at === undefined) continue;
    // Its own word can be anything, so it names no node; where it names another one the labels are wrong.
    if (nodename !== undefined && find({ names: [...names, nodename], scrapedAt }) === undefined) continue;
    found.set(instanceId, [...(found.get(instanceId) ?? []), target]);
  }
  return new Map(
    [...found].flatMap(([instanceId, own]) => {
      const newest = isOneMachine(own) ? own.toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0))[0] : undefined;
      if (newest?.at === undefined) return [];
      const { at, numbers, kernel } = newest;
      return [
        [instanceId, { at: Math.round(at * 1_000), numbers, ...(kernel === undefined ? {} : { kernel }) }],
      ];
    }),
  );
}

/**
 * Whether what has the name of one node is one machine: machines of two clusters may have one address, and are told apart by their time of
 * boot. Two Prometheus that scrape the same machine agree on it.
 */
function isOneMachine(targets: readonly Target[]): boolean {
  const boots = targets.flatMap(({ numbers, bootedFrom }) => [numbers.bootedAt, bootedFrom]);
  const known = boots.filter((boot) => boot !== undefined && Number.isFinite(boot));
  if (targets.length > 1 && known.length < boots.length) return false;
  return known.every((boot) => isOtherBoot({ bootedAt: known[0] }, { bootedAt: boot }) !== true);
}
