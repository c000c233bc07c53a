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

/** Host sockets from /proc/net/sockstat. */
export interface SocketTotals {
  readonly tcpInUse: number;
  readonly timeWait: number;
  readonly orphans: number;
  readonly tcpMemoryPages: number;
}

/** Reads the TCP line of /proc/net/sockstat, or `undefined` when it is absent. */
export function parseSockstat(text: string): SocketTotals | undefined {
  const match = /^TCP: inuse (\d{1,10}) orphan (\d{1,10}) tw (\d{1,10}) alloc \d{1,10} mem (\d{1,12})/m.exec(
    text,
  );
  if (match === null) return undefined;
  const [tcpInUse = 0, orphans = 0, timeWait = 0, tcpMemoryPages = 0] = match.slice(1).map(Number);
  return { tcpInUse, timeWait, orphans, tcpMemoryPages };
}
