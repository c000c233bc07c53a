import type { Diagnosed } from '../record/collection.ts';
import type { PersistenceLayer, SettingChange } from '../record/plan.ts';
import { runningValue, shortKey } from '../record/settings.ts';
import { valueOf } from '../snapshot/fact.ts';
import type { KubeProxyFacts, Snapshot } from '../snapshot/snapshot.ts';
import { show } from '../words.ts';
import { hasArrived } from './arrival.ts';
import { rivalLineOf, unreadRival } from './rival-lines.ts';
import { tunerLayers } from './tuner-layers.ts';

/** What kube-proxy does to the settings of a kind when it starts next. */
export type KubeProxyEffect = Pick<PersistenceLayer, 'state' | 'how'>;

/**
 * The layers that changed settings must survive. The node's own file of settings covers a reboot; what else may write the
 * same keys is named.
 *
 * @param kubeProxy what a running kube-proxy does to them; `undefined` where it never touches them
 */
export function settingLayers(
  snapshot: Snapshot,
  changes: readonly SettingChange[],
  kubeProxy: KubeProxyEffect | undefined,
): PersistenceLayer[] {
  return [
    { layer: 'running-kernel', state: 'covered', how: 'written at once and read back' },
    sysctlLayer(snapshot, changes),
    moduleLayer(snapshot, changes),
    kubeProxyLayer(valueOf(snapshot.kubeProxy), kubeProxy),
    { layer: 'node-replacement', state: 'not-covered', how: 'new nodes start with the old values' },
    ...tunerLayers(snapshot, changes),
  ];
}

/** Files that systemd-sysctl and procps apply after ours, by name or because /etc/sysctl.conf comes last. */
function sysctlLayer(snapshot: Snapshot, changes: readonly SettingChange[]): PersistenceLayer {
  const layer = 'sysctl.d' as const;
  const facts = valueOf(snapshot.persistence);
  if (facts === undefined)
    return { layer, state: 'unknown', how: 'whether another file sets it too was not read' };
  for (const { key, to } of changes) {
    const rival = rivalLineOf(facts.lines, key, to);
    if (rival !== undefined) return { layer, state: 'not-covered', how: rival };
  }
  const unread = unreadRival(facts);
  return unread === undefined
    ? { layer, state: 'covered', how: 'a file of ours in /etc/sysctl.d that sorts last' }
    : { layer, state: 'unknown', how: unread };
}

function moduleLayer(snapshot: Snapshot, changes: readonly SettingChange[]): PersistenceLayer {
  const layer = 'module-load-order' as const;
  if (!changes.some(({ key }) => key.startsWith('net.netfilter.')))
    return { layer, state: 'not-applicable', how: 'these keys exist from the start of the kernel' };
  return valueOf(snapshot.persistence)?.isBuiltIn === true
    ? { layer, state: 'not-applicable', how: 'nf_conntrack is built into the kernel' }
    : { layer, state: 'covered', how: 'modules-load.d loads nf_conntrack before sysctl.d is applied' };
}

function kubeProxyLayer(
  kubeProxy: KubeProxyFacts | undefined,
  effect: KubeProxyEffect | undefined,
): PersistenceLayer {
  const layer = 'kube-proxy' as const;
  if (effect === undefined) return { layer, state: 'not-applicable', how: 'kube-proxy does not set it' };
  if (kubeProxy === undefined)
    return { layer, state: 'unknown', how: 'not known whether kube-proxy runs here' };
  return kubeProxy.isRunning
    ? { layer, ...effect }
    : { layer, state: 'not-applicable', how: 'kube-proxy does not run here' };
}

/** What keeps changed settings from being in force, as one sentence; `undefined` when all are. */
export function settingsNotInForce(
  changes: readonly SettingChange[],
  { figures }: Diagnosed,
): string | undefined {
  for (const { key, to } of changes) {
    const value = runningValue(figures, key);
    if (value === undefined) return `${shortKey(key)} could not be read, so the change is not verified.`;
    if (!hasArrived(key, to, value)) return `${shortKey(key)} is ${show(value)}, not ${show(to)}.`;
  }
  return undefined;
}

/** `gc_thresh3 4,096, gc_thresh2 2,048`: the values that are in force. */
export function valuesInForce(changes: readonly SettingChange[], { figures }: Diagnosed): string {
  return changes
    .map(({ key, to }) => `${shortKey(key)} ${show(runningValue(figures, key) ?? to)}`)
    .join(', ');
}
