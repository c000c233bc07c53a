import { linesOf } from '../lines.ts';
/** Statistics of one interface as `ethtool -S` prints them. */
export interface InterfaceStatistics {
  readonly name: string;
  /** Driver name where the capture tells it: `ena`, `virtio_net`, `veth`. */
  readonly driver: string | undefined;
  readonly counters: ReadonlyMap<string, bigint>;
}

/** Parses one or more `ethtool -S` outputs; `== eth0 driver=ena` and `$ ethtool -S eth0` lines name the interface. */
export function parseEthtool(text: string): readonly InterfaceStatistics[] {
  const interfaces: { name: string; driver: string | undefined; counters: Map<string, bigint> }[] = [];
  for (const line of linesOf(text)) {
    const head =
      /^==\s+(\S{1,32})(?:\s+driver=(\S{1,32}))?\s*$/.exec(line) ?? /ethtool\s+-S\s+(\S{1,32})/.exec(line);
    if (head !== null) {
      interfaces.push({ name: head[1] ?? '', driver: head[2], counters: new Map() });
      continue;
    }
    const [, name, digits] = /^\s*([A-Za-z][\w.[\]-]{1,60}):\s*(\d{1,20})\s*$/.exec(line) ?? [];
    if (name === undefined || digits === undefined) continue;
    if (interfaces.length === 0) interfaces.push({ name: '', driver: undefined, counters: new Map() });
    interfaces.at(-1)?.counters.set(name, BigInt(digits));
  }
  return interfaces;
}

/** EC2's limits that were exceeded (`*_allowance_exceeded`), each summed over the interfaces. */
export function allowancesOf(interfaces: readonly InterfaceStatistics[]): ReadonlyMap<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { counters } of interfaces) {
    for (const [name, value] of counters) {
      if (name.endsWith('_allowance_exceeded')) sums.set(name, (sums.get(name) ?? 0n) + value);
    }
  }
  return sums;
}
