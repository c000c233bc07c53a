import { type Capture, newest, textAt } from '../capture/capture.ts';
import { parseKeyValues, wholeNumber } from '../parse/key-values.ts';
import { HandSettingKey } from '../record/collection.ts';
import type { SettingKey } from '../record/plan.ts';
import { SettingKey as SettingKeySchema } from '../record/plan.ts';
import { type Fact, known, unknown, valueOf } from './fact.ts';
import type { ConntrackFacts } from './snapshot.ts';

/**
 * Running values of the settings that a click may change, by their full sysctl names. The neighbour limits are read from
 * the collector's own lines or from sysctl output with full names, because IPv4 and IPv6 share the short ones.
 */
export function settingFacts(
  capture: Capture,
  { buckets, timeouts }: ConntrackFacts,
): Fact<ReadonlyMap<SettingKey, number>> {
  const values = new Map<SettingKey, number>();
  const put = (key: string, value: number | undefined) => {
    const setting = SettingKeySchema.safeParse(key);
    if (setting.success && value !== undefined) values.set(setting.data, value);
  };
  put('net.netfilter.nf_conntrack_buckets', valueOf(buckets));
  for (const [name, seconds] of valueOf(timeouts) ?? []) put(`net.netfilter.${name}`, seconds);
  for (const sample of [0, 1] as const) {
    const sysctl = textAt(capture, 'sysctl', sample) ?? '';
    for (const [, key = '', value] of sysctl.matchAll(
      /^(net\.ipv[46]\.neigh\.default\.gc_thresh[123])\s*=\s*(\d{1,10})\s*$/gm,
    ))
      put(key, wholeNumber(value));
  }
  for (const [name, value] of parseKeyValues(newest(capture, 'neighbours')?.text ?? '')) {
    const [, six, level] = /^(ipv6_)?gc_thresh([123])$/.exec(name) ?? [];
    const family = six === undefined ? 'ipv4' : 'ipv6';
    if (level !== undefined) put(`net.${family}.neigh.default.gc_thresh${level}`, wholeNumber(value));
  }
  return values.size === 0 ? unknown('settings: not read', '/proc/sys/net') : known(values, '/proc/sys/net');
}

/** Running values of the settings that a runbook changes by hand; those of connection tracking are read with its timeouts. */
export function handSettingFacts(
  capture: Capture,
  { timeouts }: ConntrackFacts,
): Fact<ReadonlyMap<HandSettingKey, number>> {
  const values = new Map<HandSettingKey, number>();
  const put = (key: string, value: number | undefined) => {
    const setting = HandSettingKey.safeParse(key);
    if (setting.success && value !== undefined) values.set(setting.data, value);
  };
  for (const [name, value] of valueOf(timeouts) ?? []) put(`net.netfilter.${name}`, value);
  for (const source of ['timeouts', 'sysctl'] as const) {
    const backlog = parseKeyValues(newest(capture, source)?.text ?? '').get('netdev_max_backlog');
    put('net.core.netdev_max_backlog', wholeNumber(backlog));
  }
  return values.size === 0
    ? unknown('settings that are changed by hand: not read', '/proc/sys/net')
    : known(values, '/proc/sys/net');
}
