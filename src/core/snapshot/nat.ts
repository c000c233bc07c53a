import { type Capture, newest, sectionOf, textAt } from '../capture/capture.ts';
import {
  parseNatRules,
  parseSourceRanges,
  parseUdpTargets,
  type SourceRanges,
  type UdpTarget,
  type UdpTargets,
} from '../parse/nat-rules.ts';
import { type Fact, known, unknown } from './fact.ts';
import type { NatFacts } from './snapshot.ts';

/** Reads the iptables rules of the newest sample, and what their counters rose by. */
export function natFacts(capture: Capture): Fact<NatFacts> {
  const source = 'iptables-save';
  const [before, last] = [textAt(capture, source, 0), newest(capture, source)];
  const rules = parseNatRules(last?.text ?? '');
  if (rules === undefined) return unknown('iptables rules: not read', source);
  const first = before === undefined ? undefined : parseNatRules(before)?.invalidDropped;
  const isRising =
    last?.sample !== 0 &&
    first !== undefined &&
    rules.invalidDropped !== undefined &&
    rules.invalidDropped >= first;
  return known(
    { rules, invalidDropped: isRising ? (rules.invalidDropped ?? 0n) - first : undefined },
    source,
  );
}

/** The ports that the rules of now leave to translated sources; unknown where they were not all read. */
export function sourceRangeFacts(capture: Capture, nat: Fact<NatFacts>): Fact<SourceRanges> {
  const section = sectionOf(capture, 'snat-ranges');
  if (section === undefined) return mapKnown(nat);
  const source = 'iptables and nftables rules';
  const read = section.status === 'ok' ? parseSourceRanges(section.text) : undefined;
  return read === undefined
    ? unknown('rules for translated sources: not all read', source)
    : known(read, source);
}

function mapKnown(nat: Fact<NatFacts>): Fact<SourceRanges> {
  if (!nat.known) return nat;
  const { portRanges, sourceRules, isCut } = nat.value.rules;
  return isCut
    ? unknown('rules for translated sources: not all read', nat.source)
    : known({ ranges: portRanges, hasOpenRule: sourceRules > portRanges.length }, nat.source);
}

/**
 * Where the rules of now send UDP: from the collector's own reading of iptables and nftables, or from iptables rules that
 * were saved or pasted. Unknown where a rule does not tell its target or not all could be read: then a backend that no rule
 * names may be a live one.
 */
export function udpTargetFacts(capture: Capture, nat: Fact<NatFacts>): Fact<readonly UdpTarget[]> {
  const section = sectionOf(capture, 'udp-rules');
  const isSeen = section !== undefined;
  const source = isSeen ? 'iptables and nftables rules' : nat.source;
  if (!isSeen && !nat.known) return nat;
  if (isSeen && section.status !== 'ok') return unknown(`rules for UDP: ${section.status}`, source);
  const read = isSeen ? parseUdpTargets(section.text) : savedTargets(nat);
  return read?.isComplete === true
    ? known(read.targets, source)
    : unknown('rules for UDP: not all of them name one backend that could be read', source);
}

function savedTargets(nat: Fact<NatFacts>): UdpTargets | undefined {
  if (!nat.known) return undefined;
  const { udpTargets, opaqueUdpRules, isCut } = nat.value.rules;
  return { targets: udpTargets, isComplete: opaqueUdpRules === 0 && !isCut };
}
