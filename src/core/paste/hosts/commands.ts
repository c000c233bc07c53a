import { canBeHost, isHostLike, plainName } from './names.ts';
import { hostOfStream } from './streams.ts';

/** Where a command runs: on another host than the prompt names. */
export interface Target {
  readonly host: string;
  /** Whether it opens a session there, so that what follows is typed there too. */
  readonly isSession: boolean;
}

/** Options of ssh that take a value (ssh(1)). */
const WITH_VALUE = /^-[bcDEeFIiJLlmOopQRSWw]$/;

/** Pods of which each node has one, or that are made to look at a node. */
const NODE_POD =
  /kube-proxy|aws-node|cilium|calico|flannel|weave|node-?exporter|node-?problem|npd|agent|canal|antrea|ovn|kindnet|kube-router|debug|netshoot|toolbox|tools|conntrack|cni|daemon|host/i;

/** The host that a command names to run on, `undefined` where it runs where it is typed. A name that a shell fills in is none. */
export function targetOf(command: string): Target | undefined {
  const found =
    sshTarget(command) ?? kubernetesTarget(command) ?? otherTarget(command) ?? streamTarget(command);
  return found !== undefined && canBeHost(found.host) ? found : undefined;
}

function sshTarget(command: string): Target | undefined {
  const words = command.trim().split(/\s+/);
  const at = words.findIndex((word) => /^(?:\/usr\/bin\/)?(?:ssh|mosh|tsh)$/.test(word));
  if (at < 0 || !words.slice(0, at).every(isBefore)) return undefined;
  let index = at + 1;
  if (words[at] === 'tsh' && words[index] === 'ssh') index += 1;
  while (words[index]?.startsWith('-') === true) index += WITH_VALUE.test(words[index] ?? '') ? 2 : 1;
  const host = words[index];
  if (host === undefined) return undefined;
  const rest = words.slice(index + 1).filter((word) => !/^-(?:t|tt|-)$/.test(word));
  const isShell = rest.every((word) => /^(?:sudo|-i|-s|su|-|bash|sh|-l)$/.test(word));
  return { host: plainName(host), isSession: isShell };
}

/** Words that may stand before a command without changing what it is. */
function isBefore(word: string): boolean {
  return /^(?:sudo|time|timeout|\d+s?|nohup|env|watch|-\w+|\w+=\S*|eval)$/.test(word);
}

function kubernetesTarget(command: string): Target | undefined {
  const debug = /\b(?:kubectl|oc|k)\b.{0,120}?\bdebug\s(?:.{0,120}?\s)?node\/([\w.-]{1,253})/.exec(
    command,
  )?.[1];
  const shell = /\bkubectl[ -]node[-_]shell\s+(?:-\S+\s+)*([\w.-]{1,253})/.exec(command)?.[1];
  const raw =
    /\/api\/v1\/nodes\/([\w.-]{1,253})\/proxy/.exec(command)?.[1] ??
    /\/api\/v1\/namespaces\/[\w.-]{1,253}\/pods\/(?:https?:)?([\w.-]{1,253})(?::\d{1,5})?\/proxy/.exec(
      command,
    )?.[1];
  const node = debug ?? shell ?? raw;
  const hasCommand = /\s--\s+\S/.test(command) && !/\s--\s+(?:chroot \/host\s*)?(?:ba)?sh?\s*$/.test(command);
  if (node !== undefined) return { host: node, isSession: raw === undefined && !hasCommand };
  const pod = /\sexec\s/.test(command) ? podOf(command) : undefined;
  const context = /\s--(?:context|cluster|kubeconfig)[ =]["']?([\w./@:-]{1,200})/
    .exec(command)?.[1]
    ?.split('/')
    .at(-1);
  // A name of one cluster is another thing in another, and what is asked of a set of pods is of one of them.
  if (context !== undefined && /\sexec\s/.test(command) && (pod === undefined || !canBeHost(pod)))
    return { host: plainName(context), isSession: !hasCommand };
  return pod === undefined || !NODE_POD.test(pod) ? undefined : { host: pod, isSession: !hasCommand };
}

/** The pod that `kubectl exec` or `kubectl logs` names. */
export function podOf(command: string): string | undefined {
  const namespace = /\bip\s+netns\s+exec\s+(\S{1,100})\s/.exec(command)?.[1];
  if (namespace !== undefined) return namespace;
  const [, rest = ''] =
    /\b(?:kubectl|oc|k)\b(?:\s+-\S+(?:\s+[\w./:-]+)?){0,6}?\s+(?:exec|logs|rsh)\s+(.{1,400})/.exec(command) ??
    [];
  const words =
    rest
      .split(/\s+--(?:\s|$)/)[0]
      ?.trim()
      .split(/\s+/) ?? [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (/^(?:-n|-c|--namespace|--container|-l|--since|--tail|--context)$/.test(word)) index += 1;
    else if (word !== '' && !word.startsWith('-')) return plainName(word);
  }
  return undefined;
}

function otherTarget(command: string): Target | undefined {
  const session =
    /\bssm\s+start-session\b.{0,120}?--target[ =]([\w-]{1,40})/.exec(command)?.[1] ??
    /\b(?:vagrant|multipass)\s+(?:ssh|shell)\s+([\w.-]{1,64})/.exec(command)?.[1] ??
    /\bgcloud\s.{0,40}?compute\s+ssh\s+(?:-\S+\s+)*([\w.@-]{1,64})/.exec(command)?.[1];
  if (session !== undefined) {
    return { host: plainName(session), isSession: !/\s(?:--command|-c|--)[ =]/.test(command) };
  }
  const run =
    /\bget-command-invocation\b.{0,200}?--instance-id[ =]([\w-]{1,40})/.exec(command)?.[1] ??
    /\btalosctl\s(?:.{0,80}?\s)?(?:-n|--nodes)[ =]([\w.:-]{1,64})/.exec(command)?.[1] ??
    /\bcurl\s.{0,120}?(?:https?:\/\/)?([\w.-]{1,253}):\d{2,5}\/metrics\b/.exec(command)?.[1] ??
    /\bdocker\s+exec\s+(?:-\S+\s+)*([\w.-]*(?:worker|control-plane|node|master|agent-\d|server-\d)[\w.-]*)\s/.exec(
      command,
    )?.[1];
  return run === undefined || /^(?:localhost|127\.0\.0\.1)$/.test(run)
    ? undefined
    : { host: plainName(run), isSession: false };
}

/** The stream of a log that the AWS CLI is asked for. */
function streamTarget(command: string): Target | undefined {
  const stream = /\baws\s+logs\s.{0,300}?--log-stream-names?[ =]["']?([^\s"']{1,250})/.exec(command)?.[1];
  return stream === undefined ? undefined : { host: hostOfStream(stream), isSession: false };
}

/** A loop over hosts: their names where the command lists them. */
export interface HostLoop {
  readonly names: readonly string[] | undefined;
}

const REMOTE =
  '(?:ssh|kubectl|oc|k|ssm|gcloud|docker|talosctl|rsh|curl|tsh|vagrant|node-shell|crictl|virsh|lxc|multipass)';

/** The loop that runs something on several hosts, `undefined` where the command is none. */
export function hostLoopOf(command: string): HostLoop | undefined {
  const many = fanOutOf(command);
  if (many !== undefined) return many;
  const [, variable = '', list = '', body = ''] =
    /\bfor\s+(\w{1,30})\s+in\s+([^;]{1,1000}?)\s*;\s*do\b(.{1,1500})/s.exec(command) ?? [];
  if (variable !== '' && new RegExp(`\\b${REMOTE}\\b[^;|]*\\$\\{?${variable}\\b`).test(body))
    return { names: /[$`*]/.test(list) ? undefined : namesOf(list) };
  const isRead =
    /\bwhile\s+(?:IFS=\S*\s+)?read\b/.test(command) && new RegExp(`\\b${REMOTE}\\b[^;|]*\\$`).test(command);
  const isEach = /\bxargs\b/.test(command) && new RegExp(`\\bxargs\\b.*\\b${REMOTE}\\b`).test(command);
  const [, given] = /\bparallel\b.*\bssh\b.*:::\s+(.{1,500})/.exec(command) ?? [];
  if (given !== undefined) return { names: namesOf(given) };
  return isRead || isEach ? { names: undefined } : undefined;
}

/** Tools that run a command on many hosts, or print what many pods logged, and files that are printed one after the other. */
function fanOutOf(command: string): HostLoop | undefined {
  const files =
    /^(?:sudo\s+)?(?:cat|grep\s.{1,200}?|head|tail)\s+((?:[\w./-]{1,200}\.(?:txt|log|out)\s*){2,50})$/.exec(
      command,
    )?.[1];
  if (files !== undefined) {
    const names = files
      .trim()
      .split(/\s+/)
      .map((file) => (file.split('/').at(-1) ?? '').replace(/\.\w{3}$/, ''));
    if (names.every(isHostLike)) return { names };
  }
  if (
    /\b(?:kubectl|oc|k)\b.{0,120}?\slogs(?=\s).{0,200}?\s(?:-l[ =]?|--selector[ =]|--all-pods)/.test(command)
  )
    return { names: undefined };
  const [, tool = '', rest = ''] =
    /^(?:sudo\s+)?(pdsh|clush|parallel-ssh|pssh|ansible|salt|dsh|xdsh|cumin|mssh|stern|kubetail)\s(.{1,600})$/.exec(
      command,
    ) ?? [];
  if (tool === '') return undefined;
  const given = /(?:^|\s)(?:-w|-H|--host)[ =]?["']?([\w.,[\]{}-]{1,300}(?:\s[\w.-]{1,100}(?=["']))?)/.exec(
    rest,
  )?.[1];
  if (given !== undefined) {
    const names = namesOf(given.replaceAll(',', ' '));
    return { names: names.some((name) => /[[\]]/.test(name)) ? undefined : names };
  }
  const pattern = /^["']?([\w.-]{1,120})["']?\s/.exec(rest)?.[1] ?? '';
  return {
    names: tool === 'ansible' || tool === 'salt' ? (isHostLike(pattern) ? [pattern] : undefined) : undefined,
  };
}

/** Names as a shell makes them: `node-{a,b}`, `node{1..3}`, words. */
function namesOf(list: string): readonly string[] {
  return list
    .trim()
    .split(/\s+/)
    .flatMap((word) => {
      const [, before = '', inner = '', after = ''] = /^([^{}]*)\{([^{}]+)\}([^{}]*)$/.exec(word) ?? [];
      if (inner === '') return [word];
      const range = /^(\d{1,4})\.\.(\d{1,4})$/.exec(inner);
      const items =
        range === null
          ? inner.split(',')
          : Array.from(
              { length: Math.min(200, Math.max(0, Number(range[2]) - Number(range[1]) + 1)) },
              (_, at) => String(Number(range[1]) + at).padStart((range[1] ?? '').length, '0'),
            );
      return items.map((item) => `${before}${item}${after}`);
    })
    .map(plainName);
}
