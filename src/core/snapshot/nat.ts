import { type Capture, sectionOf } from '../capture.ts';
import { type Fact, known, unknown } from '../fact.ts';
import { parseNatRules, type UdpTarget } from '../parse/nat-rules.ts';
import type { NatFacts } from '../snapshot.ts';

/** Reads the iptables rules of the newest sample, and what their counters rose by. */
export function natFacts(capture: Capture): Fact<NatFacts> {
  const source = 'iptables-save';
  const [before, after] = [textAt(capture, 0), textAt(capture, 1)];
  const rules = parseNatRules(after ?? before ?? '');
  if (rules === undefined) return unknown('iptables rules: not read', source);
  const first = before === undefined ? undefined : parseNatRules(before)?.invalidDropped;
  const isRising =
    after !== undefined &&
    first !== undefined &&
    rules.invalidDropped !== undefined &&
    rules.invalidDropped >= first;
  return known(
    { rules, invalidDropped: isRising ? (rules.invalidDropped ?? 0n) - first : undefined },
    source,
  );
}

/**
 * Where the rules of now send UDP, from the collector's own short list or from iptables-save. Unknown where a rule does not
 * tell its target or something else decides too.
 */
export function udpTargetFacts(capture: Capture): Fact<readonly UdpTarget[]> {
  const source = 'iptables-save';
  const own = sectionOf(capture, 'udp-rules');
  const isWhole = own?.status === 'ok' && /^complete=yes$/m.test(own.text);
  const text = own === undefined ? (textAt(capture, 1) ?? textAt(capture, 0) ?? '') : `*nat\n${own.text}`;
  const rules = parseNatRules(text);
  if (rules === undefined || (own !== undefined && !isWhole))
    return unknown('the live targets of UDP services (iptables rules)', source);
  return rules.opaqueUdpRules > 0
    ? unknown('the live targets of UDP services: a rule sends UDP to no single address', source)
    : known(rules.udpTargets, source);
}

function textAt(capture: Capture, sample: 0 | 1): string | undefined {
  const section =
    sectionOf(capture, 'iptables-save', sample) ??
    (sample === 1 ? sectionOf(capture, 'iptables-save') : undefined);
  return section?.status === 'ok' ? section.text : undefined;
}
