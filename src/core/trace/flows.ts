import { shortName } from '../pod-name.ts';
import type { Loss } from './fate.ts';
import { isTroubled, lossOf } from './fate.ts';
import { fatesOf } from './match.ts';
import type { Trace, TracedPod } from './output.ts';
import { connectionOf, type Packet } from './packet.ts';

/** One connection that had trouble, without an address. */
export interface Flow extends Partial<Pick<Loss, 'packet' | 'last' | 'missing'>> {
  /** Seconds from the first packet of all to the first of this connection. */
  readonly begin: number;
  /** Where it comes from and goes to as it was seen first: a pod by its number, everything else by a pseudonym. */
  readonly from: string;
  readonly to: string;
  readonly port: number;
  /** Number of the pod that saw it. */
  readonly pod: number | undefined;
  readonly attempts: number;
  /** Seconds from the first SYN to the second, and to its answer. */
  readonly gap: number | undefined;
  readonly answeredAfter: number | undefined;
}

/**
 * The connections of which a trace shows the packets, the earliest first.
 *
 * @param pseudonymOf what stands for an address
 */
export function flowsOf(
  { packets, points, pods: known, own: ownAddresses }: Pick<Trace, 'packets' | 'points' | 'pods' | 'own'>,
  pseudonymOf: (address: string) => string,
): readonly Flow[] {
  const places = new Map(points.map(({ number, place, pod }) => [number, { place, pod }]));
  const podOf = new Map([
    ...points.flatMap(({ address, pod }) =>
      address === undefined ? [] : [[address, `pod ${pod}`] as const],
    ),
    ...known.flatMap(({ number, addresses }) =>
      addresses.map((address) => [address, `pod ${number}`] as const),
    ),
  ]);
  const pods = new Set(podOf.keys());
  const own = new Set(ownAddresses);
  const nameOf = (address: string): string => podOf.get(address) ?? pseudonymOf(address);
  const start = packets.reduce((first, { at }) => Math.min(first, at), Number.POSITIVE_INFINITY);
  const connections = new Map<number, Packet[]>();
  for (const packet of packets) {
    const id = connectionOf(packet);
    const others = connections.get(id);
    if (others === undefined) connections.set(id, [packet]);
    else others.push(packet);
  }
  const flows = [...connections.values()].flatMap((all): readonly Flow[] => {
    // Only of what had trouble are packets shown, so none of these is too late to be judged.
    const window = { from: 0, to: Number.POSITIVE_INFINITY };
    const [fate] = fatesOf(all, { places, pods, own, window });
    const first = all.filter(({ kind }) => kind === 'SYN').toSorted((a, b) => a.at - b.at)[0];
    if (fate === undefined || first === undefined || !isTroubled(fate)) return [];
    const loss = lossOf(fate);
    return [
      {
        begin: Math.round((first.at - start) * 1000) / 1000,
        from: nameOf(first.from),
        to: nameOf(first.to),
        port: first.toPort,
        pod: fate.pod,
        attempts: fate.attempts,
        gap: fate.gap,
        answeredAfter: fate.answeredAfter,
        ...(loss === undefined ? {} : { packet: loss.packet, last: loss.last, missing: loss.missing }),
      },
    ];
  });
  return flows.toSorted((a, b) => a.begin - b.begin);
}

const COLUMNS =
  'begin_s\tfrom\tto\tport\tsyns\tsecond_after_s\tanswered_after_s\tlost\tlast_seen\tmissing_at\tpod';

/** The same as a text with a line a connection, its columns divided by tabs. */
export function flowTable(flows: readonly Flow[], about: string, pods: readonly TracedPod[]): string {
  const rows = flows.map((flow) =>
    [
      flow.begin.toFixed(3),
      flow.from,
      flow.to,
      flow.port,
      flow.attempts,
      flow.gap?.toFixed(1) ?? '-',
      flow.answeredAfter?.toFixed(1) ?? '-',
      flow.packet ?? '-',
      flow.last ?? '-',
      flow.missing ?? '-',
      calledPod(flow.pod, pods),
    ].join('\t'),
  );
  return [
    `# ${about}`,
    '# Connections that had trouble and whose packets the output shows. Addresses are pseudonyms: two of them share the leading bits',
    '# that the addresses share. The key is not stored.',
    COLUMNS,
    ...rows,
    '',
  ].join('\n');
}

/** How a table names a pod: by its name, by its number where that is not known, or `-` where there is none. */
export function calledPod(
  number: number | undefined,
  pods: readonly { readonly number: number; readonly name?: string | undefined }[],
): string {
  if (number === undefined) return '-';
  const name = pods.find((pod) => pod.number === number)?.name;
  return name === undefined ? `pod ${number}` : shortName(name);
}
