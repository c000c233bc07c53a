/** Memory of the node in bytes. */
export interface Memory {
  readonly totalBytes: number;
  readonly availableBytes: number;
}

/** Reads MemTotal and MemAvailable from /proc/meminfo (values in KiB), or `undefined` when either is absent. */
export function parseMeminfo(text: string): Memory | undefined {
  const bytesOf = (name: string) => {
    const kib = new RegExp(`^${name}:\\s+(\\d{1,13}) kB`, 'm').exec(text)?.[1];
    return kib === undefined ? undefined : Number(kib) * 1024;
  };
  const [totalBytes, availableBytes] = [bytesOf('MemTotal'), bytesOf('MemAvailable')];
  return totalBytes === undefined || availableBytes === undefined
    ? undefined
    : { totalBytes, availableBytes };
}

/** The nf_conntrack slab cache: entries of all network namespaces together, and bytes per entry. */
export interface ConntrackSlab {
  readonly activeObjects: number;
  readonly objectBytes: number;
}

/** Reads the `nf_conntrack` row of /proc/slabinfo (name, active, total, object size), or `undefined`. */
export function parseSlabinfo(text: string): ConntrackSlab | undefined {
  const [, active, size] =
    /^nf_conntrack(?:_[0-9a-f]+)?\s+(\d{1,12})\s+\d{1,12}\s+(\d{1,6})\s/m.exec(text) ?? [];
  return active === undefined || size === undefined
    ? undefined
    : { activeObjects: Number(active), objectBytes: Number(size) };
}

/** Host sockets from /proc/net/sockstat and sockstat6. */
export interface SocketTotals {
  readonly tcpInUse: number;
  /** The same of IPv6, which a listener of both families counts among; absent where /proc/net/sockstat6 was not there. */
  readonly tcp6InUse?: number;
  readonly timeWait: number;
  readonly orphans: number;
  readonly tcpMemoryPages: number;
}

/** Reads the TCP lines of /proc/net/sockstat and of sockstat6 behind it, or `undefined` when the first is absent. */
export function parseSockstat(text: string): SocketTotals | undefined {
  const match = /^TCP: inuse (\d{1,10}) orphan (\d{1,10}) tw (\d{1,10}) alloc \d{1,10} mem (\d{1,12})/m.exec(
    text,
  );
  if (match === null) return undefined;
  const [tcpInUse = 0, orphans = 0, timeWait = 0, tcpMemoryPages = 0] = match.slice(1).map(Number);
  const tcp6InUse = /^TCP6: inuse (\d{1,10})/m.exec(text)?.[1];
  return {
    tcpInUse,
    ...(tcp6InUse === undefined ? {} : { tcp6InUse: Number(tcp6InUse) }),
    timeWait,
    orphans,
    tcpMemoryPages,
  };
}
