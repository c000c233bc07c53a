import { observationLine } from '../parse/observations.ts';
import { type Found, LOWER_BOUND } from './found.ts';
import { podOf } from './hosts/commands.ts';

/** Pods that run in the network of their node, by their usual names (their charts and manifests set `hostNetwork`). */
const OF_NODE =
  /kube-proxy|aws-node|vpc-cni|cilium|calico-node|flannel|weave-net|canal|antrea|ovn|ovs|kindnet|kube-router|node-?exporter|node-?local-?dns|nodelocaldns|node-debugger|node-shell|nsenter|ip-masq-agent|csi-node|kube-apiserver|kube-controller|kube-scheduler|etcd|host-?net|konnectivity/i;

/** Names of kind's and k3d's containers, each of which is a node. */
const NODE_CONTAINER =
  /(?:^|[\s_.-])(?:worker\d*|control-plane\d*|node-?\d*|master\d*|agent-\d+|server-\d+)(?=$|\s)/i;

/** What names the host's own network: process 1, `--net=host`, a pod's `hostNetwork`. */
const OF_HOST =
  /\bnsenter\b.{0,80}?\s(?:-\w{0,6}t\s?1|--target[ =]1)(?!\d)|--net=(?:\/host)?\/proc\/1\/ns\/net|--net(?:work)?[ =]host\b|hostNetwork["']?\s?:\s?true|\bdebug\s(?:.{0,120}?\s)?node\/|\bchroot\s+\/host\b/;

/** Whether a command looks into a network namespace of its own: a pod's, a container's, or one that `ip netns` names. */
export function looksIntoNamespace(command: string): boolean {
  if (OF_HOST.test(command)) return false;
  if (/\b(?:ip\s+netns\s+exec|lxc-attach)\s/.test(command)) return true;
  const entered = /\bnsenter\s(.{1,200})/.exec(command)?.[1];
  if (entered !== undefined) return /(?:^|\s)(?:-\w{0,6}[na]\b|--net\b|--all\b)/.test(entered);
  const [, tool = '', rest = ''] =
    /\b(kubectl|oc|k|docker|podman|crictl|nerdctl|ctr|lxc|incus|pct|machinectl)\s(?:.{0,200}?\s)??(?:exec|rsh|run|debug|shell|enter)\s(.{1,600})/.exec(
      command,
    ) ?? [];
  if (tool === '' || /\sssh\s/.test(rest)) return false;
  if (/^(?:kubectl|oc|k)$/.test(tool)) {
    const pod = podOf(command);
    const isNamed = pod !== undefined && !pod.includes('$') && !/^(?:ds|daemonset|deploy)\//.test(pod);
    return !OF_NODE.test(isNamed ? pod : (command.split(/\s--\s/)[0] ?? ''));
  }
  const target = rest.split(/\s(?=(?:sh|bash|conntrack|sysctl|cat|ss|nstat)\b)/)[0] ?? '';
  return !OF_NODE.test(target) && !NODE_CONTAINER.test(target);
}

/** Whether a command opens a shell in what it names, so that what is typed next is typed there. */
export function opensShell(command: string): boolean {
  return (
    /\b(?:exec|rsh|run|debug|nsenter)\b/.test(command) &&
    /\s(?:\/\S*\/)?(?:ba|a|z)?sh(?:\s+-[il])?\s*$/.test(command)
  );
}

/** A pod of a Deployment (its ReplicaSet's hash and five characters) or a container's id: in the host's network its prompt names the host. */
const OWN_NAME =
  /^(?:[a-z0-9-]{1,200}-[bcdf-hj-np-tv-z2456789]{8,10}-[bcdf-hj-np-tv-z2456789]{5}|[0-9a-f]{12})$/;

/** Whether a prompt's host is a pod's or a container's name, and not that of the machine below it. */
export function isNameOfPod(host: string | undefined): boolean {
  return host !== undefined && OWN_NAME.test(host) && /\d/.test(host) && /[a-z]/.test(host);
}

/** Readings of the table, which each network namespace has of its own. */
const OF_TABLE: ReadonlySet<string> = new Set([
  'sysctl',
  LOWER_BOUND,
  'conntrack-S',
  'stat-nf_conntrack',
  'conntrack',
  'ct-states',
  'ct-sample',
  'ct-excerpt',
  'ct-top',
]);

/** Why no verdict on a node rests on it. */
const WHY = 'it was read inside a network namespace of its own, and the node’s table is another one';

/** The same as a sentence, for the answer. */
const SAYS =
  'This was read inside a pod’s or a container’s network namespace; the node’s table is another one, so read it on the node itself.';

/** Sets aside what was read of a table inside another network namespace, and says so once. */
export function ofNamespace(found: Found, isTold: boolean): readonly Found[] | undefined {
  const { source, keys, name } = found;
  if (source === undefined || !OF_TABLE.has(source) || /metrics/.test(name)) return undefined;
  if (source === 'sysctl' && !keys.some((key) => key.startsWith('nf_conntrack'))) return undefined;
  const { also: _, ...own } = found;
  const readAs = source === LOWER_BOUND ? 'sysctl' : source;
  const note: Found = {
    source: 'observations',
    name: 'a network namespace',
    lines: found.lines,
    text: observationLine({ kind: 'note', says: SAYS }),
    keys: [],
  };
  return [{ ...own, source: undefined, readAs, keys: [], why: WHY }, ...(isTold ? [] : [note])];
}
