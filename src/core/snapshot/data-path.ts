import { type Capture, newest, textAt } from '../capture/capture.ts';
import { parseCilium } from '../parse/cilium.ts';
import { parseKeyValues, wholeNumber } from '../parse/key-values.ts';
import { type Fact, known, unknown } from './fact.ts';
import type { BranchFacts, CiliumFacts } from './snapshot.ts';

/** Whether Cilium forwards traffic here, and what its metrics say if they were given. */
export function ciliumFacts(capture: Capture): Fact<CiliumFacts> {
  const source = 'cilium';
  const hints = hintsOf(capture);
  const last = newest(capture, 'cilium-metrics');
  const metrics = parseCilium(last?.text ?? '');
  const first = last?.sample === 1 ? parseCilium(textAt(capture, 'cilium-metrics', 0) ?? '') : undefined;
  if (metrics === undefined && hints === undefined)
    return unknown('interfaces of the node: not read', source);
  const drops =
    metrics === undefined || first === undefined
      ? undefined
      : new Map(
          [...metrics.drops].map(([reason, count]) => [reason, count - (first.drops.get(reason) ?? 0n)]),
        );
  const isPresent = metrics !== undefined || /(?:^|,)cilium(?:,|$)/.test(hints?.get('interfaces') ?? '');
  return known({ isPresent, metrics, drops }, source);
}

/** Whether the interface that kube-proxy makes in IPVS mode is there. */
export function ipvsFact(capture: Capture): Fact<boolean> {
  const value = hintsOf(capture)?.get('kube_ipvs0');
  return value === 'yes' || value === 'no'
    ? known(value === 'yes', 'kube-ipvs0')
    : unknown('interfaces of the node: not read', 'kube-ipvs0');
}

/** Whether there are interfaces as the VPC CNI plugin makes them for pods. */
export function vpcCniFact(capture: Capture): Fact<boolean> {
  const interfaces = hintsOf(capture)?.get('interfaces');
  return interfaces === undefined
    ? unknown('interfaces of the node: not read', '/sys/class/net')
    : known(interfaces.split(',').includes('eni'), '/sys/class/net');
}

/** Branch interfaces of pods and how strictly their security groups are enforced. */
export function branchFacts(capture: Capture): Fact<BranchFacts> {
  const source = '/sys/class/net';
  const hints = hintsOf(capture);
  const interfaces = wholeNumber(hints?.get('branch_interfaces'));
  if (interfaces === undefined) return unknown('branch interfaces of pods: not read', source);
  const mode = hints?.get('branch_mode');
  return known({ interfaces, mode: mode === 'strict' || mode === 'standard' ? mode : undefined }, source);
}

/** Strict is what the plugin does unless it is told otherwise (amazon-vpc-cni-k8s, POD_SECURITY_GROUP_ENFORCING_MODE). */
export function mayBeStrict({ interfaces, mode }: BranchFacts): boolean {
  return interfaces > 0 && mode !== 'standard';
}

function hintsOf(capture: Capture): ReadonlyMap<string, string> | undefined {
  const section = newest(capture, 'kube-proxy');
  return section === undefined ? undefined : parseKeyValues(section.text);
}
