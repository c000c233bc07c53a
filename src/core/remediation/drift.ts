import { higherLimit } from '../plan/kube-proxy.ts';
import type { Figures, NodeCollection } from '../record/collection.ts';
import type { DriftCheck, Mover, NodeDrift } from '../record/drift-check.ts';
import type { IncidentHead, Remediation } from '../record/incident.ts';
import { MAX_KEY, runningValue, shortKey } from '../record/settings.ts';
import { NEARLY_FULL_USE } from '../snapshot/table-state.ts';
import { percent, show } from '../words.ts';
import { changedStates, isVerified, type NodeState } from './steps.ts';

/** A value that a change left in force. */
interface Change {
  readonly key: string;
  readonly before: number;
  readonly after: number;
}

/** Nodes whose verified change of running values still stands: what a drift check is about. */
export function standingChanges(head: IncidentHead): readonly string[] {
  return standingSteps(head).map(({ instanceId }) => instanceId);
}

/**
 * Holds the newest collection of the changed nodes against what their change left in force.
 * @param earlier the collection that verified each change, by node; it tells a reboot
 * @returns nothing when no changed node was collected from
 */
export function checkDrift(
  head: IncidentHead,
  collections: readonly NodeCollection[],
  earlier: ReadonlyMap<string, NodeCollection>,
  at: string,
): DriftCheck | undefined {
  const newest = new Map(collections.map((one) => [one.instanceId, one]));
  const nodes = standingSteps(head).flatMap((step) => {
    const now = newest.get(step.instanceId);
    return now === undefined ? [] : [driftOf(step, now, earlier.get(step.instanceId))];
  });
  return nodes.length === 0 ? undefined : { at, collection: head.collection, nodes };
}

/** Of each node the newest verified change of running values that stands. */
function standingSteps(head: IncidentHead): readonly Remediation[] {
  return changedStates(head).flatMap(({ changes }: NodeState) => {
    const newest = changes.findLast((step) => isVerified(step) && changesOf(step).length > 0);
    return newest === undefined ? [] : [newest];
  });
}

/** Buckets are left out of a raise: a larger hash than planned, or a smaller one, loses no connection. */
function changesOf({ max, values = [] }: Remediation): readonly Change[] {
  return [...(max === undefined ? [] : [{ key: MAX_KEY, ...max }]), ...values];
}

function driftOf(
  step: Remediation,
  { outcome, collectedAt }: NodeCollection,
  earlier: NodeCollection | undefined,
): NodeDrift {
  const { instanceId } = step;
  if (outcome.kind === 'failed')
    return { instanceId, state: 'unread', why: `${instanceId} could not be read again: ${outcome.why}` };
  const { figures } = outcome;
  const seen = changesOf(step).map((change) => ({ ...change, now: runningValue(figures, change.key) }));
  const unread = seen.find(({ now }) => now === undefined);
  if (unread !== undefined)
    return {
      instanceId,
      state: 'unread',
      why: `${instanceId}: ${shortKey(unread.key)} could not be read again.`,
    };
  const back = seen.find((change) => isBack(change, change.now ?? change.after));
  if (back !== undefined) {
    const { by, how } = moverOf(back, back.now ?? 0, step, { figures, collectedAt }, earlier);
    const why = `${instanceId}: ${shortKey(back.key)} is ${show(back.now ?? 0)} again, not ${show(back.after)}: ${how}`;
    return { instanceId, state: 'moved', by, why };
  }
  const { max, count } = figures;
  const isLimit = step.max !== undefined && max !== undefined && max > 0 && count !== undefined;
  if (isLimit && count / max >= NEARLY_FULL_USE) {
    const why = `${instanceId}: the raised table is ${percent(count / max)} full again. Do not raise once more: find what opens or keeps the connections.`;
    return { instanceId, state: 'refilled', why };
  }
  const inForce = seen.map(({ key, now }) => `${shortKey(key)} ${show(now ?? 0)}`).join(', ');
  const use = isLimit ? `, ${percent(count / max)} in use` : '';
  return { instanceId, state: 'held', why: `${instanceId}: ${inForce} in force${use}.` };
}

/** Whether a value has gone against the change; one that went further in its direction has not. */
function isBack({ key, before, after }: Change, now: number): boolean {
  // No limit at all is written as 0 (net/netfilter/nf_conntrack_core.c, __nf_conntrack_alloc).
  if (key === MAX_KEY && now === 0) return false;
  return after >= before ? now < after : now > after;
}

/** The likeliest mover first: a reboot explains everything else that happened at boot. */
function moverOf(
  { key }: Change,
  value: number,
  step: Remediation,
  { figures, collectedAt }: { readonly figures: Figures; readonly collectedAt: string },
  earlier: NodeCollection | undefined,
): { by: Mover; how: string } {
  const { bootId, kubeProxyAgeSeconds, kubeProxyVersion, limitLines = [] } = figures;
  const line = key === MAX_KEY ? limitLines.find((one) => one.value === value) : undefined;
  const from = line === undefined ? '' : ` and ${line.file}:${line.line} sets this value`;
  const bootBefore = earlier?.outcome.kind === 'diagnosed' ? earlier.outcome.figures.bootId : undefined;
  if (bootId !== undefined && bootBefore !== undefined && bootId !== bootBefore)
    return {
      by: 'reboot',
      how: `the node has rebooted${from}. Look at the layers that the plan did not cover.`,
    };
  const changedAt = Date.parse(step.finishedAt ?? step.claimedAt);
  const isRestarted =
    kubeProxyAgeSeconds !== undefined && Date.parse(collectedAt) - kubeProxyAgeSeconds * 1000 > changedAt;
  const writes = kubeProxyWrites(key, kubeProxyVersion);
  if (isRestarted && writes !== undefined)
    return {
      by: 'kube-proxy',
      how: `kube-proxy has started since and ${writes} its own value; set it in the conntrack section of its configuration.`,
    };
  if (line === undefined)
    return {
      by: 'not-known',
      how: 'neither a reboot, kube-proxy nor a file explains it; ask who was on the node.',
    };
  const by = /\/tuned\//.test(line.file) ? 'tuned' : 'sysctl-file';
  return {
    by,
    how: `${line.file}:${line.line} sets this value and was applied since; change or remove that line.`,
  };
}

/**
 * Whether a kube-proxy that starts lowers such a value, as a verb: of what is changed here it writes the limit and two
 * timeouts (kubernetes pkg/proxy/conntrack/sysctls.go).
 */
function kubeProxyWrites(key: string, version: string | undefined): 'writes' | 'may write' | undefined {
  if (/tcp_timeout_(?:established|close_wait)$/.test(key)) return 'writes';
  if (key !== MAX_KEY) return undefined;
  const fate = higherLimit(version);
  if (fate === 'kept') return undefined;
  return fate === 'lowered' ? 'writes' : 'may write';
}
