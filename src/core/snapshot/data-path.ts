import { type Capture, sectionOf } from '../capture/capture.ts';
import { parseCilium } from '../parse/cilium.ts';
import { parseKeyValues } from '../parse/key-values.ts';
import { type Fact, known, unknown } from './fact.ts';
import type { CiliumFacts } from './snapshot.ts';

/** Whether Cilium forwards traffic here, and what its metrics say if they were given. */
export function ciliumFacts(capture: Capture): Fact<CiliumFacts> {
  const source = 'cilium';
  const hints = hintsOf(capture);
  const at = (sample?: 0 | 1) => sectionOf(capture, 'cilium-metrics', sample)?.text;
  const newest = parseCilium(at(1) ?? at() ?? at(0) ?? '');
  const first = at(1) === undefined ? undefined : parseCilium(at(0) ?? '');
  if (newest === undefined && hints === undefined) return unknown('interfaces of the node: not read', source);
  const drops =
    newest === undefined || first === undefined
      ? undefined
      : new Map(
          [...newest.drops].map(([reason, count]) => [reason, count - (first.drops.get(reason) ?? 0n)]),
        );
  const isPresent = newest !== undefined || /(?:^|,)cilium(?:,|$)/.test(hints?.get('interfaces') ?? '');
  return known({ isPresent, metrics: newest, drops }, source);
}

/** Whether the interface that kube-proxy makes in IPVS mode is there. */
export function ipvsFact(capture: Capture): Fact<boolean> {
  const value = hintsOf(capture)?.get('kube_ipvs0');
  return value === 'yes' || value === 'no'
    ? known(value === 'yes', 'kube-ipvs0')
    : unknown('interfaces of the node: not read', 'kube-ipvs0');
}

function hintsOf(capture: Capture): ReadonlyMap<string, string> | undefined {
  const section = sectionOf(capture, 'kube-proxy');
  return section?.status === 'ok' ? parseKeyValues(section.text) : undefined;
}
