import { type Capture, samplesOf } from '../capture/capture.ts';
import { protocolGrowth } from '../parse/proc-net.ts';
import { type Fact, known, notApplicable, unknown } from './fact.ts';
import { type CiliumFacts, type Identity, type Traffic, UNKNOWN_LENGTH } from './snapshot.ts';

const SOURCE = 'IpExt of /proc/net/netstat';

/** Packets as the wire had them: received ones are merged before they are counted elsewhere (net/ipv4/ip_input.c, ip_rcv_core). */
const PACKETS = ['IpExtInNoECTPkts', 'IpExtInECT1Pkts', 'IpExtInECT0Pkts', 'IpExtInCEPkts'] as const;

/**
 * How much IPv4 passed the node's network namespace a second, in the window. What came from a pod counts as received and what
 * leaves for one as sent, so that an interface of the node carried no more in either direction.
 */
export function trafficFacts(
  capture: Capture,
  windowSeconds: Fact<number>,
  { cilium, isInitialNetns }: { cilium: Fact<CiliumFacts>; isInitialNetns: Identity['isInitialNetns'] },
): Fact<Traffic> {
  if (!windowSeconds.known) return windowSeconds;
  const seconds = windowSeconds.value;
  if (seconds === UNKNOWN_LENGTH || seconds <= 0)
    return unknown('traffic: how far the samples are apart is not known', SOURCE);
  if (isInitialNetns.known && !isInitialNetns.value)
    return unknown("traffic: the node's own network namespace was not read", SOURCE);
  // Its programs hand packets from interface to interface, past the place where the kernel counts.
  if (cilium.known && cilium.value.isPresent)
    return notApplicable('Cilium carries packets past the counters of IP', SOURCE);
  const growth = (['netstat', 'nstat-node'] as const)
    .map((source) => samplesOf(capture, source))
    .map((samples) =>
      typeof samples === 'string' ? undefined : protocolGrowth(samples.first, samples.second),
    )
    .find((one) => one?.has('IpExtInOctets'));
  const [received, sent] = ['IpExtInOctets', 'IpExtOutOctets'].map((name) => growth?.get(name));
  if (growth === undefined || received === undefined) return unknown('traffic: not counted', SOURCE);
  const rate = (amount: bigint) => Number(amount) / seconds;
  const isCounted = growth.has(PACKETS[0]);
  return known(
    {
      receivedBits: rate(received) * 8,
      ...(sent === undefined ? {} : { sentBits: rate(sent) * 8 }),
      ...(isCounted
        ? { receivedPackets: rate(PACKETS.reduce((sum, name) => sum + (growth.get(name) ?? 0n), 0n)) }
        : {}),
    },
    SOURCE,
  );
}
