import { ALLOWANCES, type Traffic } from './record/collection.ts';
import type { Finding } from './record/diagnosis.ts';
import type { Bandwidth } from './record/incident.ts';
import { bitRate, counted, show } from './words.ts';

/** Whether a node's bandwidth is what hurts: ruled in, ruled out, or neither because what decides was not read. */
export type BandwidthVerdict = 'it' | 'not-it' | 'open';

/** What is said of a node's bandwidth. */
export interface BandwidthStory {
  readonly verdict: BandwidthVerdict;
  /** `IPv4 at most 1.2 of 5 Gbit/s baseline, 0 allowance drops`; holds nothing that was not read. */
  readonly numbers: string;
  /** The same with its conclusion: `Bandwidth: …: not it`. */
  readonly line: string;
}

/**
 * Share of the baseline below which a mean over some seconds leaves room for bursts within them; our choice. Only for nodes
 * whose limits count nothing: EC2's counters tell of each packet.
 */
const QUIET_SHARE = 0.5;

/** Limits of EC2 that have to do with bandwidth and packet rate; `linklocal` is the resolver's. */
const COUNTED = ALLOWANCES.filter((name) => name !== 'linklocal');

/**
 * Sets a node's traffic beside what its instance may carry, what EC2 counted at its limits and what queues refused.
 *
 * @param judged what the signature of EC2's bandwidth and packet rate found; absent in records of a catalogue without it
 * @returns nothing where no rate was read
 */
export function bandwidthOf(
  traffic: Traffic | undefined,
  bandwidth: Bandwidth | undefined,
  judged: Pick<Finding, 'state'> | undefined,
): BandwidthStory | undefined {
  const { receivedBits, sentBits, receivedPackets, allowances = {}, queueDrops } = traffic ?? {};
  if (receivedBits === undefined) return undefined;
  const busiest = Math.max(receivedBits, sentBits ?? 0);
  const limits = COUNTED.flatMap((name) => {
    const packets = allowances[name];
    return packets === undefined ? [] : [[name, packets] as const];
  });
  const exceeded = limits.filter(([, packets]) => packets > 0);
  const numbers = [
    bandwidth === undefined
      ? `IPv4 at most ${bitRate(receivedBits)} in${sentBits === undefined ? '' : `, ${bitRate(sentBits)} out`}`
      : `IPv4 at most ${ofBaseline(busiest, bandwidth)}`,
    ...(receivedPackets === undefined ? [] : [`${counted(Math.round(receivedPackets), 'packet')}/s in`]),
    ...(limits.length === 0
      ? []
      : exceeded.length === 0
        ? ['0 allowance drops']
        : [`allowance drops: ${exceeded.map(([name, packets]) => `${name} ${show(packets)}`).join(', ')}`]),
    ...(queueDrops === undefined ? [] : [counted(queueDrops, 'queue drop')]),
  ].join(', ');
  const verdict = verdictOf({ busiest, bandwidth, judged, isCounted: limits.length > 0, queueDrops });
  // EC2's counters know every packet, and without them nothing speaks of other protocols than the one that was read.
  const unless = verdict === 'not-it' && limits.length === 0 ? ', unless IPv6 carries more' : '';
  return { verdict, numbers: `${numbers}${unless}`, line: `Bandwidth: ${numbers}${ENDS[verdict]}${unless}` };
}

const ENDS: Readonly<Record<BandwidthVerdict, string>> = {
  it: ': this is it',
  'not-it': ': not it',
  open: '',
};

function ofBaseline(bits: number, { baselineGbps, burstGbps }: Bandwidth): string {
  const burst =
    burstGbps === undefined || burstGbps <= baselineGbps ? '' : `, ${show(burstGbps)} Gbit/s burst`;
  const limit = `${show(baselineGbps)} Gbit/s baseline${burst}`;
  const rate = bitRate(bits);
  return `${rate.endsWith(' Gbit/s') ? rate.slice(0, -' Gbit/s'.length) : rate} of ${limit}`;
}

function verdictOf({
  busiest,
  bandwidth,
  judged,
  isCounted,
  queueDrops,
}: {
  readonly busiest: number;
  readonly bandwidth: Bandwidth | undefined;
  readonly judged: Pick<Finding, 'state'> | undefined;
  readonly isCounted: boolean;
  readonly queueDrops: number | undefined;
}): BandwidthVerdict {
  if (judged?.state === 'present') return 'it';
  if (isCounted) return judged?.state === 'absent' ? 'not-it' : 'open';
  const isQuiet = bandwidth !== undefined && busiest < QUIET_SHARE * bandwidth.baselineGbps * 1e9;
  // Without EC2's limits, as its driver's absence shows, the rate and what queues refused are all there is.
  return isQuiet && judged?.state === 'absent' && queueDrops === 0 ? 'not-it' : 'open';
}
