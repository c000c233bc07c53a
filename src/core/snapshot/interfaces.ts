import { type Capture, samplesOf, sectionOf } from '../capture/capture.ts';
import { allowancesOf, type InterfaceStatistics, parseEthtool } from '../parse/ethtool.ts';
import { InterfaceName } from '../record/collection.ts';
import { type Fact, known, notApplicable, unknown } from './fact.ts';
import type { Deltas } from './snapshot.ts';

/** Names that only the ENA driver prints (kernel/linux/ena/ena_ethtool.c); their absence with a readable list means another driver. */
const ENA_NAMES = /allowance|^ena_admin_q|^wd_expired$|^bw_in_|^queue_\d+_tx_cnt$/;

/** Why a limit's state of now is unknown although its counters were read. */
export const READ_ONCE = 'ethtool -S: read once';

/** Deltas of ENA's allowance counters. An interface of another driver has none: not applicable, not unknown. */
export function enaFacts(capture: Capture, windowSeconds: Fact<number>): Fact<Deltas> {
  const source = 'ethtool -S';
  const [first, second] = [sectionOf(capture, 'ethtool', 0), sectionOf(capture, 'ethtool', 1)];
  const once = first === undefined ? second : second === undefined ? first : undefined;
  if (once !== undefined && allowancesOf(parseEthtool(once.text)).size > 0) return unknown(READ_ONCE, source);
  if (!windowSeconds.known) return windowSeconds;
  if (first === undefined || second === undefined) return unknown('ethtool -S: not in the capture', source);
  // The collector lists the drivers even where ethtool is not there or fails, so this text is looked at whatever the status.
  const interfaces = parseEthtool(second.text);
  if (
    interfaces.every((one) => !isEna(one)) &&
    (second.status === 'ok' || interfaces.some((one) => one.driver !== undefined))
  ) {
    return notApplicable('no interface uses the ENA driver', source);
  }
  const isRead = (status: string) => status === 'ok' || status === 'truncated';
  if (!isRead(second.status) || !isRead(first.status))
    return unknown(`ethtool -S: ${isRead(second.status) ? first.status : second.status}`, source);
  const [before, after] = [parseEthtool(first.text).filter(isEna), interfaces.filter(isEna)];
  if (allowancesOf(after).size === 0)
    return unknown('ethtool -S: this ENA driver prints no allowance counters', source);
  if (first.status === 'ok' && second.status === 'ok') return known(growthOf(before, after), source);
  // Of a list that was cut, what grew is true as far as it goes, and what stands still proves nothing about the rest.
  const names = new Set(before.map(({ name }) => name));
  const seen = [
    ...growthOf(
      before,
      after.filter(({ name }) => names.has(name)),
    ),
  ].filter(([, grown]) => grown > 0n);
  return seen.length === 0 ? unknown('ethtool -S: truncated', source) : known(new Map(seen), source);
}

/** Growth of the allowances of all interfaces of the second sample; one that is new began at zero. */
function growthOf(before: readonly InterfaceStatistics[], after: readonly InterfaceStatistics[]): Deltas {
  const names = new Set(after.map(({ name }) => name));
  const earlier = allowancesOf(before.filter(({ name }) => names.has(name)));
  return new Map(
    [...allowancesOf(after)].flatMap(([name, value]) => {
      const grown = value - (earlier.get(name) ?? value);
      return grown < 0n ? [] : [[name, grown] as const];
    }),
  );
}

function isEna({ driver, counters }: InterfaceStatistics): boolean {
  return driver === undefined ? [...counters.keys()].some((name) => ENA_NAMES.test(name)) : driver === 'ena';
}

/** Counters of a full receive ring by the names of common drivers (ena, virtio_net, e1000e, ixgbe, mlx5). */
const RING_NAMES =
  /^rx_(?:overruns?|missed_errors|no_buffer_count|fifo_errors|no_dma_resources|out_of_buffer)$|^rx_queue_\w+_(?:overruns|no_desc)$/;

/** Packets refused by receive rings in the window. */
export function ringDropFacts(capture: Capture, windowSeconds: Fact<number>): Fact<bigint> {
  const source = 'ethtool -S';
  if (!windowSeconds.known) return windowSeconds;
  const samples = samplesOf(capture, 'ethtool');
  if (typeof samples === 'string') return unknown(samples, source);
  const sums = [samples.first, samples.second].map((text) =>
    parseEthtool(text)
      .flatMap(({ counters }) => [...counters])
      .filter(([name]) => RING_NAMES.test(name)),
  );
  const [before = [], after = []] = sums;
  if (after.length === 0) return notApplicable('no interface prints ring counters', source);
  const total = (pairs: readonly (readonly [string, bigint])[]) =>
    pairs.reduce((sum, [, value]) => sum + value, 0n);
  const delta = total(after) - total(before);
  return before.length !== after.length || delta < 0n
    ? unknown('ethtool -S: an interface came or went between the samples', source)
    : known(delta, source);
}

/** Most interfaces that are named: EC2's largest instances have fifteen, and a command is to stay one line. */
const INTERFACES_MAX = 8;

/** The machine's own interfaces, in the order in which they were printed; a name that the shell could misread is left out. */
export function interfaceFacts(capture: Capture): Fact<readonly string[]> {
  const source = 'ethtool -S';
  // Names are listed even where the tool is not there or fails, so the text is looked at whatever the status.
  const section = sectionOf(capture, 'ethtool', 1) ?? sectionOf(capture, 'ethtool', 0);
  const names = parseEthtool(section?.text ?? '').flatMap(({ name, driver }) =>
    driver !== 'veth' && !name.startsWith('veth') && InterfaceName.safeParse(name).success ? [name] : [],
  );
  return names.length === 0
    ? unknown('interfaces: not read', source)
    : known([...new Set(names)].slice(0, INTERFACES_MAX), source);
}
