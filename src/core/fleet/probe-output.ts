import * as z from 'zod';
import {
  DriftLayer,
  dropImpossible,
  type Field,
  GapReason,
  isNumberField,
  NUMBERS,
  ProbeReading,
  TEXTS,
} from './reading.ts';

/** Longest output that is read, in characters: what ListCommandInvocations returns of one invocation (SSM API reference). */
export const MOST_CHARACTERS = 2_500;

/** The name of each value in the probe's output. */
const PRINTED: Readonly<Record<string, Field>> = {
  count: 'count',
  max: 'max',
  buckets: 'buckets',
  drop: 'drops',
  insert_failed: 'insertFailed',
  early_drop: 'earlyDrops',
  chaintoolong: 'chainTooLong',
  ena_exceeded: 'enaExceeded',
  ena_available: 'enaAvailable',
  neighbours: 'neighbours',
  neighbour_limit: 'neighbourLimit',
  cores: 'cores',
  boot_max: 'bootMax',
  kube_proxy_per_core: 'kubeProxyPerCore',
  kube_proxy_min: 'kubeProxyMin',
  kube_proxy_started: 'kubeProxyStarted',
  kube_proxy_version: 'kubeProxyVersion',
  boot: 'bootId',
  kernel: 'kernel',
  incident: 'incident',
  drift: 'drift',
};

/** What a probe's output says, or why nothing of it is taken. */
export type ReadProbe =
  | { readonly isRead: true; readonly reading: ProbeReading }
  /** `forged`: it answers another command or is nothing that the probe prints. `silent`: it is empty. */
  | { readonly isRead: false; readonly kind: 'forged' | 'silent'; readonly why: string };

/**
 * Reads what the probe printed: `medic-probe/1 NONCE`, a line `name=value` for each value, `end NONCE`. A value that the probe
 * could not see is `?` with the reason: `?missing`, `?denied` or `?timeout`.
 *
 * The text is the node's, so it may say anything. Which node and when is never taken from it; without the nonce of this
 * command it is another run's answer or somebody's invention, and nothing of it counts. A line that the end of the output cut
 * is not read, because the number in it may be a part of one.
 *
 * @param at milliseconds since 1970 when the command ran on the node, as Systems Manager says
 */
export function readProbe(
  text: string,
  { nonce, at }: { readonly nonce: string; readonly at: number },
): ReadProbe {
  const lines = text.slice(0, MOST_CHARACTERS).split(/\r?\n/);
  const start = lines.indexOf(`medic-probe/1 ${nonce}`);
  if (start === -1)
    return { isRead: false, kind: text.trim() === '' ? 'silent' : 'forged', why: refusalOf(text) };
  const end = lines.indexOf(`end ${nonce}`, start);
  const isCut = end === -1;
  const said = valuesOf(lines.slice(start + 1, isCut ? lines.length - 1 : end));
  const reading: Record<string, unknown> = { at };
  // The id of a boot says more than its time, which it does not print.
  const gaps: Partial<Record<Field, GapReason>> = { bootedAt: 'not-printed' };
  for (const [name, field] of Object.entries(PRINTED)) {
    const value = valueOf(field, said.get(name), isCut);
    if (value.why === undefined) reading[field] = value.value;
    else gaps[field] = value.why;
  }
  dropImpossible(reading, gaps);
  const ahead = aheadOf(said.get('clock')?.[0], at);
  const whole = { ...reading, gaps, ...(ahead === undefined ? {} : { clockAheadSeconds: ahead }) };
  const parsed = ProbeReading.safeParse(whole);
  return parsed.success
    ? { isRead: true, reading: parsed.data }
    : { isRead: false, kind: 'forged', why: 'the time at which the probe ran is none' };
}

function refusalOf(text: string): string {
  if (text.trim() === '') return 'the probe printed nothing';
  return /^medic-probe\/1 /m.test(text)
    ? 'it is the answer to another command'
    : 'it is not what the probe prints';
}

/** All values that each name was given: more than one of them contradict each other. */
function valuesOf(lines: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const said = new Map<string, string[]>();
  for (const line of lines) {
    const [, name, value] = /^([a-z_]{1,40})=(.{0,200})$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    said.set(name, [...(said.get(name) ?? []), value]);
  }
  return said;
}

type Read = { readonly value: unknown; readonly why?: undefined } | { readonly why: GapReason };

function valueOf(field: Field, values: readonly string[] | undefined, isCut: boolean): Read {
  const [value, ...others] = values ?? [];
  if (value === undefined) return { why: isCut ? 'cut' : 'not-printed' };
  if (others.length > 0) return { why: 'impossible' };
  const told = /^\?(missing|denied|timeout)$/.exec(value)?.[1];
  if (told !== undefined) return { why: GapReason.parse(told) };
  if (field === 'drift') {
    const layers = value === 'none' ? [] : value.split(',');
    const parsed = z.array(DriftLayer).max(DriftLayer.options.length).safeParse(layers);
    return parsed.success ? { value: [...new Set(parsed.data)] } : { why: 'unreadable' };
  }
  if (!isNumberField(field)) {
    const parsed = TEXTS[field].safeParse(value);
    return parsed.success ? { value: parsed.data } : { why: 'unreadable' };
  }
  const samples = value.split(' ');
  if (samples.length > 2 || !samples.every((one) => /^\d{1,16}$/.test(one))) return { why: 'unreadable' };
  const parsed = z.array(NUMBERS[field]).safeParse(samples.map(Number));
  return parsed.success ? { value: Math.max(...parsed.data) } : { why: 'impossible' };
}

function aheadOf(clock: string | undefined, at: number): number | undefined {
  return clock !== undefined && /^\d{1,12}$/.test(clock) ? Number(clock) - Math.round(at / 1000) : undefined;
}
