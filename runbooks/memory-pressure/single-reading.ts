import {
  evidence,
  type SingleReadingRule,
  type SingleReadingRules,
} from '../../src/core/diagnosis/signature.ts';
import {
  countSinceBoot,
  LEAST_LOSSES,
  matchOfReading,
  ONE_SAMPLE,
} from '../../src/core/diagnosis/single-reading/rules.ts';
import { wholeNumber } from '../../src/core/parse/key-values.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import { counted, show } from '../../src/core/words.ts';

const abortedForMemory: SingleReadingRule = ({ protocol }) => {
  const aborted = protocol.get('TcpExtTCPAbortOnMemory') ?? 0n;
  if (aborted < LEAST_LOSSES) return undefined;
  return matchOfReading(
    `TCP was out of memory: ${counted(aborted, 'connection')} aborted for it since boot; ${ONE_SAMPLE}.`,
    [countSinceBoot('connections aborted for memory', aborted, 'connections', 'TCPAbortOnMemory')],
    'A larger table needs more of the memory that was missing.',
  );
};

/** TCP's own limits, read beside what is in use: gauges, so they speak of the moment (net/ipv4/tcp.c, tcp_check_oom). */
const atTcpLimit: SingleReadingRule = ({ snapshot, settings }) => {
  const sockets = valueOf(snapshot.sockets);
  const orphanLimit = wholeNumber(settings.get('tcp_max_orphans'));
  const pageLimit = wholeNumber(settings.get('tcp_mem')?.split(/\s+/).at(2));
  if (sockets === undefined) return undefined;
  const over = [
    {
      name: 'orphaned sockets',
      value: sockets.orphans,
      limit: orphanLimit,
      unit: 'sockets',
      key: 'tcp_max_orphans',
    },
    { name: 'memory of TCP', value: sockets.tcpMemoryPages, limit: pageLimit, unit: 'pages', key: 'tcp_mem' },
  ].flatMap((one) =>
    one.limit !== undefined && one.value >= one.limit ? [{ ...one, limit: one.limit }] : [],
  );
  if (over.length === 0) return undefined;
  const words = over.map(({ name, value, limit }) => `${name} ${show(value)} of ${show(limit)}`);
  return matchOfReading(
    `TCP is at its limit when this was read: ${words.join(', ')}; the kernel resets connections for it.`,
    over.map(({ name, value, limit, unit, key }) => evidence(name, value, unit, limit, key)),
    'TCP’s limits are its own; the connection-tracking table is not involved.',
    'medium',
  );
};

/** Connections aborted for memory since boot, and TCP at its limits when they were read. */
export const singleReading: SingleReadingRules = { sinceBoot: abortedForMemory, asRead: atTcpLimit };
