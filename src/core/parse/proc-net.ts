import { linesOf } from '../lines.ts';
/**
 * How much each counter grew from the first text to the second, in the forms that {@link parseProtocolCounters} reads.
 * Counters that went back are left out, and all of them where the first text has none.
 */
export function protocolGrowth(first: string, second: string): ReadonlyMap<string, bigint> {
  const before = digitsOf(first);
  const growth = new Map<string, bigint>();
  if (before.size === 0) return growth;
  for (const [name, digits] of digitsOf(second)) {
    // nstat without -z leaves zero counters out, so a name that appears later started from zero.
    const earlier = before.get(name) ?? '0';
    // Most counters stand still, and need no number made of them.
    const grown = digits === earlier ? 0n : BigInt(digits) - BigInt(earlier);
    if (grown >= 0n) growth.set(name, grown);
  }
  return growth;
}

/**
 * Reads protocol counters as `<Protocol><Name>` → value, from any of: /proc/net/{netstat,snmp} (a line of names, a line
 * of values), and `nstat` (`TcpExtListenOverflows 712 0.0`). Negative values (`Tcp: MaxConn -1`) are left out.
 */
export function parseProtocolCounters(text: string): ReadonlyMap<string, bigint> {
  return new Map(Array.from(digitsOf(text), ([name, digits]) => [name, BigInt(digits)]));
}

function digitsOf(text: string): ReadonlyMap<string, string> {
  const counters = new Map<string, string>();
  const lines = linesOf(text);
  for (const [index, line] of lines.entries()) {
    const names = /^(\w{2,12}): +([A-Za-z].*)$/.exec(line);
    const values = names === null ? null : /^(\w{2,12}): +(-?\d[-\d ]*)$/.exec(lines[index + 1] ?? '');
    if (names !== null && values !== null && names[1] === values[1]) {
      const numbers = (values[2] ?? '').trim().split(/ +/);
      for (const [position, name] of (names[2] ?? '').trim().split(/ +/).entries()) {
        const digits = numbers[position];
        if (digits !== undefined && /^\d{1,20}$/.test(digits)) counters.set(`${names[1]}${name}`, digits);
      }
      continue;
    }
    const [, name, digits] =
      /^#?((?:Tcp|TcpExt|Ip|IpExt|Udp|Icmp|Ip6|Udp6)[A-Z]\w{1,40})\s+(\d{1,20})(?:\s+[\d.]+)?\s*$/.exec(
        line,
      ) ?? [];
    if (name !== undefined && digits !== undefined) counters.set(name, digits);
  }
  return counters;
}
