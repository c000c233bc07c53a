/** What tells a line of a log that means something here from the many that do not; which it is, is told when it is read. */
const TELLING =
  /conntrack|table full|table overflow|SYN flooding|out of (?:socket )?memory|orphaned sockets|callbacks suppressed|allocation failure|Unable to allocate memory|stale|connections? tracking|allowance|Map insertion failed|No mapping for NAT|cilium_(?:bpf_map_pressure|drop_count)|NETDEV WATCHDOG|nf_ct_|Linux version \d/i;

/** Longest line that is looked at, in characters. */
const LINE_MAX_CHARS = 2_000;

/** Whether a line of a log is kept. */
export function isTelling(line: string): boolean {
  return TELLING.test(line.length > LINE_MAX_CHARS ? line.slice(0, LINE_MAX_CHARS) : line);
}
