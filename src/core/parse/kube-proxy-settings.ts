/** The settings of kube-proxy that decide about nf_conntrack_max. */
export interface KubeProxyConntrack {
  /** `conntrack.maxPerCore`; 0 leaves the limit and the buckets alone. */
  readonly maxPerCore: number;
  /** `conntrack.min`: the least that is written, whatever the cores. */
  readonly min: number;
}

/** What kube-proxy has when nothing else is set (kubernetes pkg/proxy/apis/config/v1alpha1/defaults.go). */
export const KUBE_PROXY_DEFAULTS: KubeProxyConntrack = { maxPerCore: 32_768, min: 131_072 };

/**
 * Reads what decides about the limit from the collector's section on kube-proxy: `conf=maxPerCore=32768` lines of its
 * configuration file, otherwise its arguments. A key that is not set has its default; the file beats every argument
 * (kubernetes cmd/kube-proxy, `--config`).
 *
 * @returns `undefined` when there is a file that was not read, arguments that were cut off, or a value that is no number
 */
export function parseKubeProxySettings(text: string): KubeProxyConntrack | undefined {
  const hasFile = /^arg=--config=/m.test(text);
  if (hasFile ? !/^config=read\r?$/m.test(text) : /^arguments=cut\r?$/m.test(text)) return undefined;
  const maxPerCore = hasFile
    ? valueIn(text, 'conf=maxPerCore')
    : valueIn(text, 'arg=--conntrack-max-per-core');
  const min = hasFile ? valueIn(text, 'conf=min') : valueIn(text, 'arg=--conntrack-min');
  if (maxPerCore === 'unreadable' || min === 'unreadable') return undefined;
  return { maxPerCore: maxPerCore ?? KUBE_PROXY_DEFAULTS.maxPerCore, min: min ?? KUBE_PROXY_DEFAULTS.min };
}

/** YAML's ways to say nothing, which leave the default in force. */
const NOTHING = new Set(['', 'null', '~']);

function valueIn(text: string, key: string): number | 'unreadable' | undefined {
  const value = text
    .split('\n')
    .findLast((line) => line.startsWith(`${key}=`))
    ?.slice(key.length + 1)
    .trim();
  if (value === undefined || NOTHING.has(value)) return undefined;
  return /^\d{1,9}$/.test(value) ? Number(value) : 'unreadable';
}
