import { observationLine } from '../../parse/observations.ts';
import { show } from '../../words.ts';
import type { Found, Recogniser } from '../found.ts';
import { foundOf } from './metrics.ts';

function use(name: string, count: string | undefined, max: string | undefined): Found {
  const rows = [
    ...(count === undefined ? [] : [`nf_conntrack_count = ${count.replaceAll(/[,.\s]/g, '')}`]),
    ...(max === undefined ? [] : [`nf_conntrack_max = ${max.replaceAll(/[,.\s]/g, '')}`]),
  ];
  return {
    source: 'sysctl',
    name,
    lines: 1,
    text: rows.join('\n'),
    keys: rows.map((row) => row.replace(/ .*/, '')),
  };
}

/** A check's line: `CONNTRACK WARNING - 91% used (119275/131072) | conntrack=119275;104857;117964;0;131072`. */
export const nagiosCheck: Recogniser = (lines, at) => {
  const text = lines[at]?.text ?? '';
  if (!/\b(?:OK|WARNING|CRITICAL|UNKNOWN)\b/.test(text) || !/conntrack/i.test(text)) return undefined;
  const [, count, max] =
    /\|.{0,200}?\bconntrack\w{0,20}'?=(\d{1,12})[a-zA-Z]{0,2};[\d.]{0,15};[\d.]{0,15};[\d.]{0,15};(\d{1,12})/i.exec(
      text,
    ) ??
    /\b(\d{1,12})\s?(?:\/|of|out of)\s?(\d{4,12})\b/.exec(text) ??
    [];
  return count === undefined || max === undefined ? undefined : use('a check’s line', count, max);
};

/** Zabbix: an item's key with its value behind it. */
export const zabbixItem: Recogniser = (lines, at) => {
  const [, name, value] =
    /\bvfs\.file\.contents\[\S{0,80}?\b(nf_conntrack_(?:count|max))\S{0,20}\]"?\s?[:=|,\t ]\s{0,40}"?(?:\[t?\|)?(\d{1,12})\b/.exec(
      lines[at]?.text ?? '',
    ) ?? [];
  if (name === undefined || value === undefined) return undefined;
  return name === 'nf_conntrack_count'
    ? use('Zabbix item', value, undefined)
    : use('Zabbix item', undefined, value);
};

/** A metric by its name in a sentence, with its value behind it: `Item: Tracked connections (net.conntrack.count): 241960`. */
const NAMED_ITEM =
  /[(["' ]([A-Za-z][\w.]{4,60}|vfs\.file\.contents\[[^\]]{1,120}\])["']?\)\s?[:=]\s{0,4}"?(\d{1,12})\b/g;

/** What a monitor's mail tells: the names of items in brackets, with their values. */
export const mailedItems: Recogniser = (lines, at) => {
  const text = lines[at]?.text ?? '';
  if (!/conntrack/i.test(text)) return undefined;
  const samples = Array.from(text.matchAll(NAMED_ITEM), ([, item = '', value = '']) => ({
    name: /\bnf_conntrack_(?:count|max)\b/.exec(item)?.[0] ?? item,
    value: Number(value),
    ms: undefined,
  }));
  return foundOf(samples, 'a monitor’s mail', 1);
};

/**
 * kube-proxy’s line when it sets the limit (`Setting nf_conntrack_max to 131072`, klog's `"Set sysctl" entry="…" value=131072`).
 * What it set then is not what runs now, so it is told and not counted.
 */
export const kubeProxySetting: Recogniser = (lines, at) => {
  const value =
    /"Setting nf_conntrack_max" nfConntrackMax=(\d{1,12})\b/.exec(lines[at]?.text ?? '')?.[1] ??
    /\bSet(?:ting)?(?: sysctl)?\W{1,3}(?:entry=")?(?:net[/.](?:netfilter[/.])?)?nf_conntrack_max"?(?: to|\W{1,3}value=|=)\s?"?(\d{1,12})\b/.exec(
      lines[at]?.text ?? '',
    )?.[1];
  if (value === undefined) return undefined;
  return {
    source: 'observations',
    name: 'kube-proxy’s log',
    lines: 1,
    text: observationLine({
      kind: 'note',
      says: `kube-proxy set nf_conntrack_max to ${show(BigInt(value))} when it wrote this line; what is in force now the node tells.`,
    }),
    keys: [],
  };
};

/** The module's line when it is loaded: `nf_conntrack version 0.5.0 (65536 buckets, 262144 max)`. */
export const moduleLine: Recogniser = (lines, at) => {
  const [, buckets, max] =
    /\b(?:nf|ip)_conntrack version [\d.]{1,12} \((\d{1,12}) buckets, (\d{1,12}) max\)/.exec(
      lines[at]?.text ?? '',
    ) ?? [];
  if (buckets === undefined || max === undefined) return undefined;
  const rows = [`nf_conntrack_max = ${max}`, `nf_conntrack_buckets = ${buckets}`];
  return {
    source: 'sysctl',
    name: 'the module’s line when it was loaded',
    lines: 1,
    text: rows.join('\n'),
    keys: ['nf_conntrack_max', 'nf_conntrack_buckets'],
  };
};
