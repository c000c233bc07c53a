import * as z from 'zod';
import { jsonOrNothing } from '../json.ts';
import { linesOf } from '../lines.ts';
import type { BundleFile } from './evidence.ts';
import { isTelling } from './log-lines.ts';

const Pods = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), namespace: z.string().default('default') }),
      spec: z.object({ nodeName: z.string().optional() }).default({}),
    }),
  ),
});

const Nodes = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      status: z
        .object({
          conditions: z
            .array(z.object({ type: z.string(), status: z.string(), message: z.string().default('') }))
            .default([]),
        })
        .default({ conditions: [] }),
    }),
  ),
});

const Event = z.object({
  involvedObject: z.object({ kind: z.string().default(''), name: z.string().default('') }),
  reason: z.string().default(''),
  message: z.string().nullish(),
  lastTimestamp: z.string().nullish(),
  eventTime: z.string().nullish(),
  count: z.int().positive().nullish(),
});
const Events = z.object({ items: z.array(z.unknown()) });

/** Pods that run for their node: only what these say is of the node they run on. Others may quote the logs of any machine. */
const OF_THE_NODE =
  /kube-proxy|node-problem-detector|node-monitoring-agent|^cilium|^aws-node|calico-node|canal|kube-router|kube-flannel|weave-net|antrea-agent|ovnkube-node|ovs-|^sdn-|multus|tuned|machine-config-daemon|network-node-identity|node-local-dns|nodelocaldns|node-exporter/;

/** The EKS node monitoring agent's reason for the kernel's own line (pkg/reasons/reasons.yaml): it gives no number with it. */
const REASON_TABLE_FULL = 'ConntrackExceededKernel';
const TABLE_FULL = 'kernel: nf_conntrack: nf_conntrack: table full, dropping packet';

/** The files of a cluster by node, each with the lines that are of that node. */
export interface ClusterNodes {
  readonly files: ReadonlyMap<string, readonly BundleFile[]>;
  /** Every node that is named, also those of which nothing else is there. */
  readonly names: ReadonlySet<string>;
}

/**
 * Takes the files of a cluster apart by node: logs by the node on which their pod ran, events and conditions by the node that
 * they are about, files that lie under a node's name by that name.
 */
export function nodesOfCluster(files: readonly BundleFile[]): ClusterNodes {
  const byNode = new Map<string, BundleFile[]>();
  const names = new Set<string>();
  const add = (node: string, file: BundleFile, text: string) => {
    if (text.trim() === '') return;
    pushTo(byNode, node, { ...file, text });
  };
  const nodeOfPod = new Map(files.flatMap(podsIn));
  for (const file of files) {
    const below = belowRoot(file);
    const direct = /^nodes\/([^/]+)\//.exec(below)?.[1] ?? /core\/nodes\/(.+)\.yaml$/.exec(below)?.[1];
    if (direct !== undefined) names.add(direct);
    if (/^nodes\/[^/]+\//.test(below)) add(direct ?? '', file, file.text);
    const pod = podOfLog(below);
    if (pod !== undefined && OF_THE_NODE.test(pod.name)) {
      // Without the node it is at least kept apart from all others.
      const node =
        nodeOfPod.get(`${pod.namespace}/${pod.name}`) ?? `the node of pod ${pod.namespace}/${pod.name}`;
      add(node, file, file.text);
    }
    for (const [node, lines] of said(below, file.text)) {
      names.add(node);
      add(node, file, lines.join('\n'));
    }
  }
  for (const node of nodeOfPod.values()) names.add(node);
  return { files: byNode, names };
}

function pushTo<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** The path below the cluster's own root. */
function belowRoot({ path, place }: BundleFile): string {
  const root = place?.root ?? '';
  return root === '' ? path : path.slice(root.length + 1);
}

function podOfLog(path: string): { readonly namespace: string; readonly name: string } | undefined {
  const [, namespace, name] =
    /^namespaces\/([^/]+)\/pods\/([^/]+)\/.*\.log$/.exec(path) ??
    /^([^/]+)\/([^/]+)\/logs\.txt$/.exec(path) ??
    [];
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
}

/** Which pod ran where, by `NAMESPACE/POD`. */
function podsIn(file: BundleFile): readonly (readonly [string, string])[] {
  const path = belowRoot(file);
  if (path.endsWith('/pods.json')) {
    const { items } = Pods.safeParse(jsonOrNothing(file.text)).data ?? { items: [] };
    return items.flatMap(({ metadata: { namespace, name }, spec: { nodeName } }) =>
      nodeName === undefined ? [] : [[`${namespace}/${name}`, nodeName] as const],
    );
  }
  const own = /^namespaces\/([^/]+)\/pods\/([^/]+)\/[^/]+\.yaml$/.exec(path);
  const node = /^[ ]{1,12}nodeName: "?([\w.-]{1,253})"?[ \t\r]*$/m.exec(file.text)?.[1];
  if (own !== null) return node === undefined ? [] : [[`${own[1]}/${own[2]}`, node]];
  return path.endsWith('/pods.yaml') ? podsInYaml(file.text) : [];
}

/** A list in YAML, as `oc` and `kubectl` print it: each item begins at the same depth. */
function itemsOfYaml(text: string): readonly string[] {
  return text
    .split(/^(?:- |  - )(?=apiVersion:|metadata:|involvedObject:|count:|action:|eventTime:)/m)
    .slice(1);
}

function podsInYaml(text: string): readonly (readonly [string, string])[] {
  return itemsOfYaml(text).flatMap((item) => {
    const of = (key: string) =>
      new RegExp(`^ {4,6}${key}: "?([\\w.-]{1,253})"?[ \\t\\r]*$`, 'm').exec(item)?.[1];
    const [name, namespace, node] = [of('name'), of('namespace'), of('nodeName')];
    return name === undefined || namespace === undefined || node === undefined
      ? []
      : [[`${namespace}/${name}`, node] as const];
  });
}

/** Times that one event is told to have come, at most. Our choice: beyond, nothing changes. */
const MOST_TIMES = 100;

/** What conditions and events say about nodes, one line each, by node. */
function said(path: string, text: string): ReadonlyMap<string, readonly string[]> {
  const lines = new Map<string, string[]>();
  const add = (node: string, line: string) => {
    if (node !== '') pushTo(lines, node, line);
  };
  const addTimes = (node: string, line: string, times: number) => {
    for (let time = 0; time < Math.min(times, MOST_TIMES); time += 1) add(node, line);
  };
  if (/(?:^|\/)nodes\.json$/.test(path)) {
    for (const { metadata, status } of Nodes.safeParse(jsonOrNothing(text)).data?.items ?? []) {
      add(metadata.name, '');
      for (const condition of status.conditions)
        if (condition.status === 'True' && condition.type !== 'Ready') add(metadata.name, condition.message);
    }
  } else if (path.endsWith('/events.json')) {
    for (const item of Events.safeParse(jsonOrNothing(text)).data?.items ?? []) {
      const event = Event.safeParse(item).data;
      if (event?.involvedObject.kind !== 'Node') continue;
      const line = eventLine(event.reason, event.message ?? '', event.lastTimestamp ?? event.eventTime ?? '');
      addTimes(event.involvedObject.name, line, event.count ?? 1);
    }
  } else if (path.endsWith('/events.yaml')) {
    for (const item of itemsOfYaml(text)) {
      const [, about = ''] = /involvedObject:[ \t\r]*\n((?:[ ]{2,10}[^ \n][^\n]*\n)+)/.exec(item) ?? [];
      if (!/^[ ]{1,12}kind: Node[ \t\r]*$/m.test(about)) continue;
      const of = (key: string, within: string) =>
        new RegExp(`^[ ]{1,12}${key}: ['"]?([^\\n]{1,1000}?)['"]?[ \\t\\r]*$`, 'm').exec(within)?.[1] ?? '';
      const line = eventLine(of('reason', item), of('message', item), of('lastTimestamp', item));
      addTimes(
        of('name', about),
        line,
        Number(/^[ ]{1,4}count: (\d{1,6})[ \t\r]*$/m.exec(`\n${item}`)?.[1] ?? 1),
      );
    }
  } else if (path.startsWith('host_service_logs/')) {
    for (const line of linesOf(text)) {
      const node =
        /^([\w.-]{1,253}) [A-Z][a-z]{2} \d/.exec(line)?.[1] ??
        /^[A-Z][a-z]{2}\s{1,2}\d{1,2} [\d:.]{8,15} ([\w.-]{1,253}) /.exec(line)?.[1];
      if (node !== undefined) add(node, line);
    }
  }
  return lines;
}

/** An event as a line of a log, with its time in front where it has one. */
function eventLine(reason: string, message: string, at: string): string {
  const words = reason === REASON_TABLE_FULL ? TABLE_FULL : message.replaceAll(/\s+/g, ' ');
  return /^\d{4}-\d\d-\d\dT[\d:.]{8,15}Z$/.test(at) ? `${at} ${words}` : words;
}

const START = /^==== START logs for container \S{1,253} of pod ([\w.-]{1,253})\/([\w.-]{1,253}) ====$/;

/** Whether a text begins as `kubectl cluster-info dump` does: with the list of nodes. */
export function beginsAsDump(text: string): boolean {
  return /^\s{0,100}\{\s{0,100}"kind": "NodeList"/.test(text);
}

/**
 * Cuts what `kubectl cluster-info dump` prints without a folder into the files that it would have written.
 *
 * @returns by path; `undefined` for a text that is none
 */
export function filesOfDump(text: string): ReadonlyMap<string, string> | undefined {
  if (!text.includes('==== START logs for container ') && !beginsAsDump(text)) return undefined;
  const files = new Map<string, string>();
  const add = (path: string, content: string) => files.set(path, `${files.get(path) ?? ''}${content}\n`);
  let json: string[] | undefined;
  let pod: string | undefined;
  for (const line of linesOf(text)) {
    const start = START.exec(line);
    if (start !== null) pod = `${start[1]}/${start[2]}/logs.txt`;
    else if (line.startsWith('==== END logs for container ')) pod = undefined;
    else if (pod !== undefined) {
      if (isTelling(line)) add(pod, line);
    } else if (json === undefined) json = line.trimEnd() === '{' ? [line] : undefined;
    else {
      json.push(line);
      if (line.trimEnd() !== '}') continue;
      const document = json.join('\n');
      const path = pathOf(jsonOrNothing(document));
      if (path !== undefined) add(path, document);
      json = undefined;
    }
  }
  return files;
}

const List = z.object({
  kind: z.string(),
  items: z.array(z.object({ metadata: z.object({ namespace: z.string().optional() }).optional() })).nullish(),
});

function pathOf(document: unknown): string | undefined {
  const { kind = '', items = [] } = List.safeParse(document).data ?? {};
  const namespace = items?.[0]?.metadata?.namespace ?? 'default';
  if (kind === 'NodeList') return 'nodes.json';
  if (kind === 'PodList') return `${namespace}/pods.json`;
  return kind === 'EventList' ? `${namespace}/events.json` : undefined;
}
