import type { Recogniser } from './found.ts';
import {
  counterList,
  counterTable,
  neighbourCounters,
  procCounters,
  softnetRows,
  toolCounters,
} from './pieces/counters.ts';
import { ciliumDrops, ciliumEntries, ovsConnections } from './pieces/data-paths.ts';
import { linkStatistics, loggedInvalid, nftInvalid, sarRates } from './pieces/drop-rules.ts';
import { droppedPackets, retransmitted } from './pieces/dropped-packets.ts';
import { conntrackEvents } from './pieces/events.ts';
import { expositionSamples, netdataLine, telegrafLine } from './pieces/exporter.ts';
import { ciliumLines, entries, firewallRules, natGateway, shownCount, stateCounts } from './pieces/flows.ts';
import {
  allowanceLine,
  interfaceStatistics,
  kernelVersion,
  memoryLines,
  slabRow,
  uptimeLine,
} from './pieces/host.ts';
import { jsonDocument } from './pieces/json.ts';
import { loadTest } from './pieces/load-tests.ts';
import { kernelMessage, kubeProxyMessage, problemDetectorMessage } from './pieces/log.ts';
import { kubeProxySetting, moduleLine, nagiosCheck, zabbixItem } from './pieces/monitors.ts';
import { packets } from './pieces/packets.ts';
import {
  listeners,
  netstatWords,
  nstatJson,
  nstatLines,
  procNetPair,
  socketSummary,
  sockstatLines,
} from './pieces/protocol.ts';
import { seriesTable } from './pieces/series-table.ts';
import {
  countedLines,
  countOfLimit,
  missingModule,
  pathThenValue,
  setting,
  valuesOfCommand,
} from './pieces/settings.ts';
import { noLocalPort, socketList, socketStates } from './pieces/sockets.ts';
import {
  curlColumns,
  haproxyLog,
  namedTimings,
  requestTimings,
  shellTimes,
  upstreamLog,
} from './pieces/timings.ts';

/** Every shape that is known, the more particular before the more general. */
export const SHAPES: readonly Recogniser[] = [
  missingModule,
  kernelMessage,
  kubeProxyMessage,
  problemDetectorMessage,
  kubeProxySetting,
  moduleLine,
  nagiosCheck,
  zabbixItem,
  ciliumLines,
  ciliumDrops,
  ciliumEntries,
  ovsConnections,
  droppedPackets,
  retransmitted,
  nftInvalid,
  loggedInvalid,
  sarRates,
  linkStatistics,
  natGateway,
  procCounters,
  neighbourCounters,
  counterTable,
  toolCounters,
  counterList,
  expositionSamples,
  telegrafLine,
  netdataLine,
  softnetRows,
  countedLines,
  valuesOfCommand,
  pathThenValue,
  uptimeLine,
  conntrackEvents,
  entries,
  shownCount,
  stateCounts,
  setting,
  countOfLimit,
  nstatJson,
  nstatLines,
  procNetPair,
  netstatWords,
  sockstatLines,
  socketSummary,
  listeners,
  slabRow,
  memoryLines,
  interfaceStatistics,
  allowanceLine,
  kernelVersion,
  firewallRules,
  packets,
  requestTimings,
  namedTimings,
  curlColumns,
  shellTimes,
  upstreamLog,
  haproxyLog,
  jsonDocument,
  seriesTable,
  loadTest,
  socketList,
  noLocalPort,
  socketStates,
];
