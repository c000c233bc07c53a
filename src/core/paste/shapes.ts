import type { Recogniser } from './found.ts';
import { awsNat, azureSnat, googleNat } from './monitoring/cloud-nat.ts';
import { kubernetesEvent, kubernetesEventRow, kubernetesEvents } from './monitoring/events.ts';
import { expositionSamples, telegrafLine } from './monitoring/exporter.ts';
import { jsonDocument } from './monitoring/json.ts';
import { kubeProxySetting, mailedItems, moduleLine, nagiosCheck, zabbixItem } from './monitoring/monitors.ts';
import { namelessTable } from './monitoring/nameless-table.ts';
import { acceptQueueNotice, netdataLine } from './monitoring/netdata.ts';
import { overAlert } from './monitoring/over-alert.ts';
import { seriesTable } from './monitoring/series-table.ts';
import { countInWords, roundedUse, useInWords } from './monitoring/told-use.ts';
import { countOfLimit, settingsTogether } from './pieces/count-and-limit.ts';
import {
  counterList,
  counterTable,
  neighbourCounters,
  procCounters,
  toolCounters,
} from './pieces/counters.ts';
import { ciliumLines, entries, firewallRules, shownCount, stateCounts } from './pieces/flows.ts';
import {
  allowanceLine,
  interfaceStatistics,
  kernelVersion,
  memoryLines,
  slabRow,
  uptimeLine,
} from './pieces/host.ts';
import { ifconfig, linkStatistics, netDev } from './pieces/links.ts';
import { kernelMessage, kubeProxyMessage, problemDetectorMessage } from './pieces/log.ts';
import {
  listeners,
  netstatWords,
  nstatInterval,
  nstatJson,
  nstatLines,
  procNetPair,
  socketSummary,
  sockstatLines,
} from './pieces/protocol.ts';
import { countedLines, missingModule, pathThenValue, setting, valuesOfCommand } from './pieces/settings.ts';
import { softnetDecimal, softnetRows } from './pieces/softnet.ts';
import { clientErrors } from './symptoms/client-errors.ts';
import { countedParts } from './symptoms/counted-parts.ts';
import { ciliumDrops, ciliumEntries, ovsConnections, ovsSizes } from './symptoms/data-paths.ts';
import { loggedInvalid, nftInvalid, sarRates } from './symptoms/drop-rules.ts';
import { droppedPackets, retransmitted } from './symptoms/dropped-packets.ts';
import { conntrackEvents } from './symptoms/events.ts';
import { loadTest } from './symptoms/load-tests.ts';
import { packets } from './symptoms/packets.ts';
import { noLocalPort, socketList, socketStates } from './symptoms/sockets.ts';
import {
  curlColumns,
  digTimes,
  haproxyLog,
  namedTimings,
  requestTimings,
  shellTimes,
  upstreamLog,
} from './symptoms/timings.ts';

/** Every shape that is known, the more particular before the more general. */
export const SHAPES: readonly Recogniser[] = [
  overAlert,
  missingModule,
  kubernetesEventRow,
  kernelMessage,
  kubeProxyMessage,
  kubernetesEvents,
  problemDetectorMessage,
  kubernetesEvent,
  kubeProxySetting,
  moduleLine,
  nagiosCheck,
  zabbixItem,
  mailedItems,
  useInWords,
  ciliumLines,
  ciliumDrops,
  ciliumEntries,
  ovsConnections,
  ovsSizes,
  droppedPackets,
  retransmitted,
  nftInvalid,
  loggedInvalid,
  sarRates,
  linkStatistics,
  netDev,
  ifconfig,
  awsNat,
  azureSnat,
  googleNat,
  procCounters,
  neighbourCounters,
  counterTable,
  toolCounters,
  counterList,
  expositionSamples,
  telegrafLine,
  netdataLine,
  acceptQueueNotice,
  softnetRows,
  softnetDecimal,
  countedLines,
  valuesOfCommand,
  pathThenValue,
  uptimeLine,
  conntrackEvents,
  countedParts,
  entries,
  shownCount,
  stateCounts,
  settingsTogether,
  setting,
  countOfLimit,
  nstatJson,
  nstatInterval,
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
  digTimes,
  upstreamLog,
  haproxyLog,
  jsonDocument,
  seriesTable,
  loadTest,
  socketList,
  noLocalPort,
  socketStates,
  clientErrors,
  countInWords,
  roundedUse,
  namelessTable,
];
