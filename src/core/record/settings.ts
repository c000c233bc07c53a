import { type Figures, HandSettingKey } from './collection.ts';
import { SettingKey } from './plan.ts';

/** Full sysctl name of the table's limit, which a raise changes. */
export const MAX_KEY = 'net.netfilter.nf_conntrack_max';
/** Full sysctl name of the number of hash buckets. */
export const BUCKETS_KEY = 'net.netfilter.nf_conntrack_buckets' satisfies SettingKey;

/** The value of a setting, by its full sysctl name, that the figures of a collection show; `undefined` where it was not read. */
export function runningValue(figures: Figures, key: string): number | undefined {
  if (key === MAX_KEY) return figures.max;
  if (key === BUCKETS_KEY) return figures.buckets;
  const setting = SettingKey.safeParse(key);
  if (setting.success) return figures.settings?.[setting.data];
  const byHand = HandSettingKey.safeParse(key);
  return byHand.success ? figures.handSettings?.[byHand.data] : undefined;
}

/** `nf_conntrack_max`, `ipv4 gc_thresh3`: a setting as people name it. */
export function shortKey(key: string): string {
  const [, family, neighbour] = /^net\.(ipv[46])\.neigh\.default\.(\w+)$/.exec(key) ?? [];
  return family === undefined ? key.slice(key.lastIndexOf('.') + 1) : `${family} ${neighbour}`;
}
