import type { Recogniser } from './found.ts';
import {
  counterList,
  counterTable,
  neighbourCounters,
  procCounters,
  softnetRows,
  toolCounters,
} from './pieces/counters.ts';
import { exporterCounters, exporterJson, exporterMetric } from './pieces/exporter.ts';
import {
  ciliumLines,
  entries,
  firewallRules,
  natGateway,
  requestTimings,
  shownCount,
  stateCounts,
} from './pieces/flows.ts';
import {
  allowanceLine,
  interfaceStatistics,
  kernelVersion,
  memoryLines,
  slabRow,
  uptimeLine,
} from './pieces/host.ts';
import { kernelMessage, kubeProxyMessage, problemDetectorMessage } from './pieces/log.ts';
import {
  listeners,
  netstatWords,
  nstatJson,
  nstatLines,
  procNetPair,
  socketSummary,
  sockstatLines,
} from './pieces/protocol.ts';
import { countOfLimit, missingModule, pathThenValue, setting, valuesOfCommand } from './pieces/settings.ts';

/** Every shape that is known, the more particular before the more general. */
export const SHAPES: readonly Recogniser[] = [
  missingModule,
  kernelMessage,
  kubeProxyMessage,
  problemDetectorMessage,
  ciliumLines,
  natGateway,
  procCounters,
  neighbourCounters,
  counterTable,
  toolCounters,
  counterList,
  exporterCounters,
  exporterMetric,
  exporterJson,
  softnetRows,
  valuesOfCommand,
  pathThenValue,
  uptimeLine,
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
  requestTimings,
];
