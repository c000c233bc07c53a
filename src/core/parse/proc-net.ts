/**
 * Reads protocol counters as `<Protocol><Name>` → value, from any of: /proc/net/{netstat,snmp} (a line of names, a line
 * of values), and `nstat` (`TcpExtListenOverflows 712 0.0`). Negative values (`Tcp: MaxConn -1`) are left out.
 */
export function parseProtocolCounters(text: string): ReadonlyMap<string, bigint> {
  const counters = new Map<string, bigint>();
  const lines = text.split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    const names = /^(\w{2,12}): +([A-Za-z].*)$/.exec(line);
    const values = names === null ? null : /^(\w{2,12}): +(-?\d[-\d ]*)$/.exec(lines[index + 1] ?? '');
    if (names !== null && values !== null && names[1] === values[1]) {
      const numbers = (values[2] ?? '').trim().split(/ +/);
      for (const [position, name] of (names[2] ?? '').trim().split(/ +/).entries()) {
        const digits = numbers[position];
        if (digits !== undefined && /^\d{1,20}$/.test(digits))
          counters.set(`${names[1]}${name}`, BigInt(digits));
      }
      continue;
    }
    const [, name, digits] =
      /^#?((?:Tcp|TcpExt|Ip|IpExt|Udp|Icmp|Ip6|Udp6)[A-Z]\w{1,40})\s+(\d{1,20})(?:\s+[\d.]+)?\s*$/.exec(
        line,
      ) ?? [];
    if (name !== undefined && digits !== undefined) counters.set(name, BigInt(digits));
  }
  return counters;
}
