import { ALLOWANCES, type Figures } from '../record/collection.ts';
import type { Evidence } from '../record/diagnosis.ts';
import { valueOf } from '../snapshot/fact.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { bitRate, counted } from '../words.ts';
import { evidence } from './signature.ts';

/** How busy the network of a node was, in bits and packets a second, as far as each was read. */
export function trafficEvidence(snapshot: Snapshot): readonly Evidence[] {
  const { receivedBits, sentBits, receivedPackets } = valueOf(snapshot.traffic) ?? {};
  const rates = [
    ...(receivedBits === undefined ? [] : [`${bitRate(receivedBits)} in`]),
    ...(sentBits === undefined ? [] : [`${bitRate(sentBits)} out`]),
    ...(receivedPackets === undefined ? [] : [`${counted(Math.round(receivedPackets), 'packet')}/s in`]),
  ];
  return rates.length === 0
    ? []
    : [evidence('IPv4, at most', rates.join(', '), '', '–', snapshot.traffic.source)];
}

/** The same as the record keeps it, with EC2's limits; nothing where none of it was read. */
export function trafficFigures(snapshot: Snapshot): Figures['traffic'] {
  const { ringDrops } = snapshot;
  const [ena, softnet] = [valueOf(snapshot.ena), valueOf(snapshot.softnet)];
  const allowances = Object.fromEntries(
    ALLOWANCES.flatMap((name) => {
      const packets = ena?.get(`${name}_allowance_exceeded`);
      return packets === undefined ? [] : [[name, Number(packets)] as const];
    }),
  );
  // A card that has no counters of rings shows none that refuse; one that was not read may have refused any.
  const isRingKnown = ringDrops.known || ringDrops.kind === 'not-applicable';
  const byRings = valueOf(ringDrops) ?? 0n;
  const figures = {
    ...valueOf(snapshot.traffic),
    ...(Object.keys(allowances).length === 0 ? {} : { allowances }),
    ...(isRingKnown && softnet !== undefined ? { queueDrops: Number(byRings + softnet.dropped) } : {}),
  };
  return Object.keys(figures).length === 0 ? undefined : figures;
}
