import { type Capture, newest, type Section } from '../capture/capture.ts';
import type { SourceId } from '../capture/sources.ts';
import { parseKeyValues, wholeNumber } from '../parse/key-values.ts';
import { parseKubeProxySettings } from '../parse/kube-proxy-settings.ts';
import {
  type ConntrackSlab,
  type Memory,
  parseMeminfo,
  parseSlabinfo,
  parseSockstat,
  type SocketTotals,
} from '../parse/memory.ts';
import { type PodSockets, parsePodSockets } from '../parse/pod-sockets.ts';
import { parseProtocolCounters } from '../parse/proc-net.ts';
import { parseTuners, type Tuners } from '../parse/tuners.ts';
import { type Fact, known, notApplicable, unknown } from './fact.ts';
import type { KubeProxyFacts, LastRaise, PersistenceFacts } from './snapshot.ts';
import { secondsSince } from './window.ts';

function parsed<T>(
  capture: Capture,
  source: SourceId,
  name: string,
  parse: (text: string, section: Section) => T | undefined,
): Fact<T> {
  const section = newest(capture, source);
  const value = section === undefined ? undefined : parse(section.text, section);
  return value === undefined ? unknown(`${name}: not read`, name) : known(value, name);
}

/** Total and available memory of the node. */
export function memoryFacts(capture: Capture): Fact<Memory> {
  return parsed(capture, 'meminfo', '/proc/meminfo', parseMeminfo);
}

/** Size of one table entry and how many exist in all namespaces. */
export function slabFacts(capture: Capture): Fact<ConntrackSlab> {
  return parsed(capture, 'slabinfo', '/proc/slabinfo', parseSlabinfo);
}

/** Sockets of the node's own namespace. */
export function socketFacts(capture: Capture): Fact<SocketTotals> {
  return parsed(capture, 'sockstat', '/proc/net/sockstat', parseSockstat);
}

/** Sockets inside the pods' namespaces. */
export function podSocketFacts(capture: Capture): Fact<PodSockets> {
  return parsed(capture, 'pod_sockets', 'sockets of pods', parsePodSockets);
}

/** CurrEstab is no counter: it says how many there are (RFC 4022, tcpCurrEstab). */
export function establishedFact(capture: Capture): Fact<number> {
  return parsed(capture, 'snmp', '/proc/net/snmp', (text) => {
    const value = parseProtocolCounters(text).get('TcpCurrEstab');
    return value === undefined ? undefined : Number(value);
  });
}

/**
 * Whether the node's own kube-proxy runs here; it writes nf_conntrack_max when it starts (kubernetes
 * pkg/proxy/conntrack/sysctls.go). Unknown where a process of that name may be the node's and may be anybody's.
 */
export function kubeProxyFacts(capture: Capture): Fact<KubeProxyFacts> {
  if (parseKeyValues(newest(capture, 'kube-proxy')?.text ?? '').get('running') === 'unknown')
    return unknown('kube-proxy: user or namespaces of a process could not be read', 'kube-proxy');
  return parsed(capture, 'kube-proxy', 'kube-proxy', (text, { uptimeSeconds }) => {
    const values = parseKeyValues(text);
    const running = values.get('running');
    if (running !== 'yes' && running !== 'no') return undefined;
    const version = values.get('version');
    return {
      isRunning: running === 'yes',
      version: version !== undefined && /^v?\d{1,2}\.\d{1,3}(\.\d{1,3})?/.test(version) ? version : undefined,
      usesConfigFile: /^arg=--config=/m.test(text),
      configFile: /^arg=--config=(\/[\x21-\x7e]{1,200})\r?$/m.exec(text)?.[1],
      settings: running === 'yes' ? parseKubeProxySettings(text) : undefined,
      runningSeconds: secondsSince(uptimeSeconds, values.get('started')),
    };
  });
}

/** Whether a service that sets settings on its own runs on the node. */
export function tunerFacts(capture: Capture): Fact<Tuners> {
  return parsed(capture, 'tuners', 'TuneD and bpftune', parseTuners);
}

/** What the node's configuration files say about the keys that a click may change. */
export function persistenceFacts(capture: Capture): Fact<PersistenceFacts> {
  return parsed(capture, 'persistence', 'configuration files', (text) => {
    const flag = (key: string) => {
      const value = new RegExp(`^${key}=(yes|no)$`, 'm').exec(text)?.[1];
      return value === undefined ? undefined : value === 'yes';
    };
    const lines = Array.from(
      text.matchAll(/^(\/[\x21-\x39\x3b-\x7e]{1,200}):(\d{1,6}):\s*(.{0,400})$/gm),
      ([, file = '', line, content = '']) => {
        return { file, line: Number(line), text: content };
      },
    );
    const unread = Array.from(text.matchAll(/^unread=(\/[\x21-\x7e]{1,199})$/gm), ([, file = '']) => file);
    const values = parseKeyValues(text);
    return {
      isBuiltIn: flag('builtin'),
      isLoadedAtBoot: flag('modules_load'),
      unread,
      unreadMore: wholeNumber(values.get('unread_more')) ?? 0,
      unlisted: wholeNumber(values.get('unlisted')) ?? 0,
      lines,
    };
  });
}

/** Whether an unfinished raise or rollback was found on the node. */
export function halfAppliedFact(capture: Capture): Fact<boolean> {
  return parsed(capture, 'state', "the product's own state on the node", (text) => {
    const value = parseKeyValues(text).get('half_applied');
    return value === 'yes' ? true : value === 'no' ? false : undefined;
  });
}

/** The newest raise of ours that stands on the node, from the head of its own file there. */
export function lastRaiseFact(capture: Capture): Fact<LastRaise> {
  const source = "the product's own state on the node";
  const values = parseKeyValues(newest(capture, 'state')?.text ?? '');
  const [target, secondsAgo] = [
    wholeNumber(values.get('raised_to')),
    wholeNumber(values.get('raised_seconds_ago')),
  ];
  if (target !== undefined && secondsAgo !== undefined) return known({ target, secondsAgo }, source);
  return values.get('incident') === ''
    ? notApplicable('no raise of ours stands on the node', source)
    : unknown('when the node was raised last: not read', source);
}
