import { localizedCounter } from './netstat-localized.ts';

/**
 * Counters that `netstat -s` prints in words, and their names in /proc/net/netstat and /proc/net/snmp
 * (net-tools statistics.c). Misspellings are the tool's own, of old versions.
 */
const PHRASES: readonly (readonly [RegExp, string])[] = [
  [/^(\d+) times the listen queue of a socket overflowed/, 'TcpExtListenOverflows'],
  [/^(\d+) SYNs to LISTEN sockets (?:dropped|ignored)/, 'TcpExtListenDrops'],
  [/^(\d+) active connections? openings?/, 'TcpActiveOpens'],
  [/^(\d+) passive connections? openings?/, 'TcpPassiveOpens'],
  [/^(\d+) failed connection attempts/, 'TcpAttemptFails'],
  [/^(\d+) connection resets received/, 'TcpEstabResets'],
  [/^(\d+) connections established/, 'TcpCurrEstab'],
  [/^(\d+) segments received/, 'TcpInSegs'],
  [/^(\d+) segments sen[dt] out/, 'TcpOutSegs'],
  [/^(\d+) segments retransmit+ed/, 'TcpRetransSegs'],
  [/^(\d+) resets sent/, 'TcpOutRsts'],
  [/^(\d+) SYN cookies sent/, 'TcpExtSyncookiesSent'],
  [/^(\d+) SYN cookies received/, 'TcpExtSyncookiesRecv'],
  [/^(\d+) invalid SYN cookies received/, 'TcpExtSyncookiesFailed'],
  [/^(\d+) connections aborted due to memory pressure/, 'TcpExtTCPAbortOnMemory'],
  [/^TCPAbortOnMemory: (\d+)/, 'TcpExtTCPAbortOnMemory'],
  [/^TCPMemoryPressures?: (\d+)/, 'TcpExtTCPMemoryPressures'],
  [/^TCP ran low on memory (\d+) times/, 'TcpExtTCPMemoryPressures'],
  [/^TCPBacklogDrop: (\d+)/, 'TcpExtTCPBacklogDrop'],
  [/^TCPReqQFullDrop: (\d+)/, 'TcpExtTCPReqQFullDrop'],
  [/^TCPReqQFullDoCookies: (\d+)/, 'TcpExtTCPReqQFullDoCookies'],
  [/^TCPSynRetrans: (\d+)/, 'TcpExtTCPSynRetrans'],
  [/^(\d+) other TCP timeouts/, 'TcpExtTCPTimeouts'],
  [/^TCPTimeouts: (\d+)/, 'TcpExtTCPTimeouts'],
  [/^(\d+) (?:packets to unknown port received|packet receive errors)/, 'UdpInErrors'],
  [/^(\d+) receive buffer errors/, 'UdpRcvbufErrors'],
  [/^(\d+) TCP data loss events/, 'TcpExtTCPLoss'],
  [/^(\d+) fast retransmits/, 'TcpExtTCPFastRetrans'],
  [/^(\d+) total packets received/, 'IpInReceives'],
];

/** The counters of one line, as name and digits. */
export function namesOfPhrase(text: string): readonly (readonly [string, string])[] {
  const trimmed = text.trim();
  for (const [pattern, name] of PHRASES) {
    const value = pattern.exec(trimmed)?.[1];
    if (value !== undefined) return [[name, value]];
  }
  const localized = localizedCounter(trimmed);
  return localized === undefined ? [] : [localized];
}
