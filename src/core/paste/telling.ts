import type { SourceId } from '../capture/sources.ts';
import { parseCilium } from '../parse/cilium.ts';
import {
  type CounterSample,
  counterTotal,
  parseProcCounters,
  parseToolCounters,
} from '../parse/conntrack-counters.ts';
import { parseEntries } from '../parse/entries/entries.ts';
import { parseStateCounts } from '../parse/entries/lists.ts';
import { parseEthtool } from '../parse/ethtool.ts';
import { MESSAGE_WORDS, parseKernelLog } from '../parse/kernel-log.ts';
import { parseKeyValues, wholeNumber } from '../parse/key-values.ts';
import { linksTold, parseLinks } from '../parse/links.ts';
import { parseListeners } from '../parse/listeners.ts';
import { parseMeminfo, parseSlabinfo, parseSockstat } from '../parse/memory.ts';
import { parseObservations } from '../parse/observations.ts';
import { parsePerCpuTable } from '../parse/per-cpu-table.ts';
import { parseProtocolCounters } from '../parse/proc-net.ts';
import { parseRequestTimings, readTimings } from '../parse/request-timings.ts';
import { parseSoftnet } from '../parse/softnet.ts';
import { counted, mebibytes, percent, show } from '../words.ts';
import { ruleHits } from './rule-hits.ts';

/**
 * The telling numbers of a recognised piece, as a clause: what a reader looks for in it, whether or not a verdict comes of
 * it. `undefined` where a source has none.
 */
export function tellingOf(source: SourceId, text: string): string | undefined {
  const said = TELLING[source]?.(text);
  return said === undefined || said === '' ? undefined : said;
}

/** Numbers that stand in one line, at most. Our choice: the most telling come first, the rest is left out. */
const MOST_NUMBERS = 10;

const TELLING: Readonly<Partial<Record<SourceId, (text: string) => string | undefined>>> = {
  sysctl: settings,
  'conntrack-S': (text) => counters(parseToolCounters(text)),
  'stat-nf_conntrack': (text) => counters(parseProcCounters(text)),
  'nstat-node': protocol,
  'nstat-pod': protocol,
  netstat: protocol,
  snmp: protocol,
  softnet_stat: softnet,
  ethtool,
  links: (text) => linksTold(parseLinks(text)),
  arp_cache: neighbours,
  'kernel-log': kernelLog,
  'ct-sample': entries,
  'ct-excerpt': (text) => `${entries(text) ?? ''}; some of the table only, so no shares of it`,
  'ct-states': stateList,
  'iptables-save': ruleHits,
  iptables: ruleHits,
  'ss-listen-node': listeners,
  'ss-listen-pod': listeners,
  'ss-s': socketTotals,
  'cilium-metrics': cilium,
  sockstat,
  meminfo,
  slabinfo: (text) => {
    const slab = parseSlabinfo(text);
    return slab === undefined
      ? undefined
      : `${counted(slab.activeObjects, 'entry')} of all namespaces, ${show(slab.objectBytes)} bytes each`;
  },
  host: (text) => /uname=(\S{1,80})/.exec(text)?.[1],
  uptime: (text) => `up ${counted(Math.round(Number(text.split('\n').at(-1)) / 3_600), 'hour')}`,
  'kube-proxy-log': (text) => counted(text.split('\n').length, 'line'),
  'request-timings': (text) => {
    const { symptom, summary } = readTimings(parseRequestTimings(text));
    return symptom === undefined ? summary : withoutStop(symptom);
  },
  observations: (text) =>
    parseObservations(text)
      .map(({ says }) => withoutStop(says))
      .join('; '),
  conntrack: (text) => (text === '' ? 'the settings are not there, so conntrack is not loaded' : undefined),
};

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}

function listed(numbers: readonly (readonly [string, bigint | number | string])[]): string {
  return numbers
    .slice(0, MOST_NUMBERS)
    .map(([name, value]) => `${name} ${show(value)}`)
    .join(', ');
}

/** Most telling settings first; the others in the order in which they stand. */
const FIRST_SETTINGS = ['nf_conntrack_count', 'nf_conntrack_max', 'nf_conntrack_buckets'];

function settings(text: string): string {
  const values = [...parseKeyValues(text)].map(([key, value]) => {
    const whole = wholeNumber(value);
    return [key, whole ?? value] as const;
  });
  const rank = ([key]: readonly [string, unknown]) => {
    const place = FIRST_SETTINGS.indexOf(key);
    return place < 0 ? FIRST_SETTINGS.length : place;
  };
  const sorted = values.toSorted((a, b) => rank(a) - rank(b));
  const read = new Map(values);
  const [count, max] = [read.get('nf_conntrack_count'), read.get('nf_conntrack_max')];
  const use =
    typeof count === 'number' && typeof max === 'number' && max > 0 ? ` (${percent(count / max)} used)` : '';
  return `${listed(sorted)}${use}`;
}

const LOSSES = ['drop', 'insert_failed', 'early_drop', 'chaintoolong'];
const SIGNS = ['invalid', 'search_restart', 'clash_resolve', 'error'];

function counters(sample: CounterSample | undefined): string | undefined {
  if (sample === undefined) return undefined;
  const read = [...LOSSES, ...SIGNS].flatMap((name) => {
    const total = counterTotal(sample, name);
    return total === undefined ? [] : [[name, total] as const];
  });
  const lost = read.filter(([name, total]) => LOSSES.includes(name) && total > 0n);
  const signs = read.filter(([name, total]) => SIGNS.includes(name) && total > 0n);
  const zeros = read.filter(([name, total]) => LOSSES.includes(name) && total === 0n).map(([name]) => name);
  const nothing = zeros.length === 0 ? '' : `${zeros.join(', ')} 0`;
  return [listed([...lost, ...signs]), nothing].filter((clause) => clause !== '').join(', ');
}

/** Counters of loss, refusal and repetition, by what they are called (Documentation/networking/snmp_counter.rst). */
const SIGNS_OF_LOSS =
  /^(?:TcpRetransSegs|TcpAttemptFails|TcpEstabResets|TcpOutRsts|TcpInErrs|TcpExtListen(?:Overflows|Drops)|TcpExtTCP(?:Timeouts|SynRetrans|ReqQFull(?:Drop|DoCookies)|BacklogDrop|AbortOn\w+|MemoryPressures|LostRetransmit|Loss\w*|OFODrop|SpuriousRTOs)|TcpExtTW|TcpExtPAWS\w+|TcpExtSyncookies\w+|TcpExtOutOfWindowIcmps|TcpExtEmbryonicRsts|Udp6?(?:InErrors|NoPorts|RcvbufErrors|SndbufErrors)|Ip6?(?:In|Out)(?:Discards|NoRoutes)|IpReasmFails|TcpExtIPReversePathFilter)$/;

function protocol(text: string): string {
  const read = parseProtocolCounters(text);
  const telling = [...read].filter(([name, value]) => SIGNS_OF_LOSS.test(name) && value > 0n);
  const [again, sent] = [read.get('TcpRetransSegs'), read.get('TcpOutSegs')];
  const share =
    again !== undefined && sent !== undefined && sent > 0n
      ? `; ${show((Number(again) / Number(again + sent)) * 100)} % of segments sent again`
      : '';
  return telling.length === 0
    ? `${counted(read.size, 'counter')}, none of loss above 0`
    : `${listed(telling.toSorted(([a], [b]) => rankOf(a) - rankOf(b)))}${share}`;
}

function rankOf(name: string): number {
  return (
    ['Listen', 'SynRetrans', 'Retrans', 'Timeouts', 'AbortOn', 'Drop'].findIndex((part) =>
      name.includes(part),
    ) + 1 || 9
  );
}

function softnet(text: string): string | undefined {
  const totals = parseSoftnet(text);
  if (totals === undefined) return undefined;
  const { dropped, timeSqueeze, processed } = totals;
  const squeeze =
    timeSqueeze === 0n
      ? ''
      : `, squeezed ${show(timeSqueeze)} (harmless by itself: the rest of the packets waits for the next round, none is lost)`;
  return `dropped ${show(dropped)} of ${counted(processed + dropped, 'packet')}${squeeze}`;
}

/** Statistics of loss, by how drivers name them. */
const LOST_AT_CARD = /drop|miss|err|fail|discard|no_buf|nobuf|overrun|_allowance_exceeded|timeout|out_of/i;

function ethtool(text: string): string {
  const read = parseEthtool(text);
  const lost = read.flatMap(({ name, counters: statistics }) =>
    [...statistics]
      .filter(([statistic, value]) => LOST_AT_CARD.test(statistic) && value > 0n)
      .map(([statistic, value]) => [read.length > 1 ? `${name} ${statistic}` : statistic, value] as const),
  );
  const all = read.reduce((sum, { counters: statistics }) => sum + statistics.size, 0);
  const own = lost.toSorted(([a], [b]) => Number(b.endsWith('_exceeded')) - Number(a.endsWith('_exceeded')));
  return own.length === 0 ? `${counted(all, 'statistic')}, none of loss above 0` : listed(own);
}

function neighbours(text: string): string | undefined {
  const table = parsePerCpuTable(text);
  return table === undefined
    ? undefined
    : listed(
        ['entries', 'table_fulls', 'unresolved_discards'].flatMap((name) => {
          const value = table.get(name);
          return value === undefined ? [] : [[name, value] as const];
        }),
      );
}

function kernelLog(text: string): string {
  const messages = parseKernelLog(text);
  const kinds = [...new Set(messages.map(({ kind }) => kind))];
  return kinds
    .map((kind) => {
      const ofKind = messages.filter((message) => message.kind === kind);
      const suppressed = ofKind.reduce((sum, one) => sum + (one.suppressed ?? 0), 0);
      const namespaces = new Set(ofKind.flatMap(({ netns }) => netns ?? []));
      const where =
        namespaces.size === 0 ? '' : ` of network namespace ${[...namespaces].slice(0, 3).join(', ')}`;
      const more = suppressed === 0 ? '' : `, for ${show(suppressed)} more`;
      return `${MESSAGE_WORDS[kind]} ${counted(ofKind.length, 'line')}${where}${more}`;
    })
    .join(', ');
}

function entries(text: string): string | undefined {
  const read = parseEntries(text);
  if (read.length === 0) return undefined;
  const states = new Map<string, number>();
  for (const { protocol: name, state } of read) {
    const key = state === undefined ? name : `${name} ${state}`;
    states.set(key, (states.get(key) ?? 0) + 1);
  }
  const most = [...states].toSorted(([, a], [, b]) => b - a).slice(0, 4);
  const unreplied = read.filter(({ isUnreplied }) => isUnreplied).length;
  const never = unreplied === 0 ? '' : `; ${show(unreplied)} never answered (UNREPLIED)`;
  return `${counted(read.length, 'entry')}: ${most.map(([name, count]) => `${show(count)} ${name}`).join(', ')}${never}`;
}

function stateList(text: string): string | undefined {
  const list = parseStateCounts(text);
  if (list === undefined) return undefined;
  const most = list.rows.toSorted((a, b) => b.count - a.count).slice(0, 5);
  return `${counted(list.total, 'entry')}: ${most
    .map(({ count, protocol: name, state, isUnreplied }) =>
      [show(count), name, state, isUnreplied ? 'UNREPLIED' : undefined].filter(Boolean).join(' '),
    )
    .join(', ')}`;
}

function listeners(text: string): string {
  const waiting = parseListeners(text).toSorted((a, b) => b.waiting - a.waiting);
  const busy = waiting.filter((one) => one.waiting > 0).slice(0, 4);
  return busy.length === 0
    ? `${counted(waiting.length, 'listener')}, nothing waits to be accepted`
    : busy
        .map(
          ({ port, waiting: count, backlog }) =>
            `port ${port}: ${show(count)} of ${show(backlog)} wait to be accepted`,
        )
        .join(', ');
}

function socketTotals(text: string): string | undefined {
  const [, all, established, closed, orphaned, timeWait] =
    /^TCP:\s+(\d{1,10}) \(estab (\d{1,10}), closed (\d{1,10}), orphaned (\d{1,10}),(?: synrecv \d{1,10},)? timewait (\d{1,10})/m.exec(
      text,
    ) ?? [];
  if (all === undefined) return undefined;
  const numbers = [
    ['established', established],
    ['closed', closed],
    ['orphaned', orphaned],
    ['TIME_WAIT', timeWait],
  ] as const;
  return `${counted(Number(all), 'TCP socket')}: ${listed(numbers.map(([name, value]) => [name, Number(value)]))}`;
}

function cilium(text: string): string | undefined {
  const read = parseCilium(text);
  if (read === undefined) return undefined;
  const pressure = [...read.pressure].map(([name, value]) => [`${name} full to`, percent(value)] as const);
  const drops = [...read.drops].map(([name, value]) => [`dropped for “${name}”`, value] as const);
  const events = [...read.events].map(([name, value]) => [`seen dropped for “${name}”`, value] as const);
  return listed([...events, ...drops, ...pressure]);
}

function sockstat(text: string): string | undefined {
  const sockets = parseSockstat(text);
  return sockets === undefined
    ? undefined
    : `TCP ${show(sockets.tcpInUse)} in use, ${show(sockets.timeWait)} in TIME_WAIT, ${show(sockets.orphans)} orphaned, ${counted(sockets.tcpMemoryPages, 'page')} of memory`;
}

function meminfo(text: string): string | undefined {
  const memory = parseMeminfo(text);
  return memory === undefined
    ? undefined
    : `${mebibytes(memory.availableBytes)} of ${mebibytes(memory.totalBytes)} available`;
}
