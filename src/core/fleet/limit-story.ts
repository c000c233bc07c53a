import { higherLimit, limitWanted, limitWantedLine, wantedWords } from '../plan/kube-proxy.ts';
import { show } from '../words.ts';
import { isOtherBoot, type ProbeReading } from './reading.ts';

/** What changed a limit, as far as two readings beside each other tell it. */
export type SetBy = 'boot' | 'kube-proxy' | 'conntrack-medic' | 'not-known';

/** A change of nf_conntrack_max between two readings. */
export interface LimitChange {
  /** Milliseconds since 1970 of the last reading with the former value and of the first one with the new. */
  readonly after: number;
  readonly by: number;
  readonly from: number;
  readonly to: number;
  readonly setBy: SetBy;
  /** The incident whose change it was. */
  readonly incident?: string;
}

/** What becomes of the limit where something happens to the node, with the reason; no value where it can not be told. */
export interface LimitFate {
  readonly when: 'kube-proxy starts again' | 'the node boots again' | 'the node is replaced';
  readonly limit?: { readonly least: number; readonly most: number };
  readonly why: string;
}

/** The limit of one node: what it is, who set it and when, what it was, and what it will be. */
export interface LimitStory {
  readonly limit?: number;
  /** Newest first. */
  readonly changes: readonly LimitChange[];
  readonly fates: readonly LimitFate[];
}

/**
 * Reads the story of a limit from the readings of one node.
 * @param readings in order of time
 */
export function limitStory(readings: readonly ProbeReading[]): LimitStory {
  const changes = changesIn(readings).toReversed();
  const limit = readings.findLast(({ max }) => max !== undefined)?.max;
  const newest = readings.at(-1);
  return {
    ...(limit === undefined ? {} : { limit }),
    changes,
    fates: newest === undefined ? [] : fatesOf(newest),
  };
}

function changesIn(readings: readonly ProbeReading[]): readonly LimitChange[] {
  const seen = readings.filter(({ max }) => max !== undefined);
  return seen.slice(1).flatMap((now, index) => {
    const before = seen[index];
    if (before?.max === undefined || now.max === undefined || before.max === now.max) return [];
    const setBy = whoSet(before, now);
    const isOurs = setBy === 'conntrack-medic' && now.incident !== undefined;
    return [
      {
        after: before.at,
        by: now.at,
        from: before.max,
        to: now.max,
        setBy,
        ...(isOurs && now.incident !== undefined ? { incident: now.incident } : {}),
      },
    ];
  });
}

/** The likeliest first: a boot explains all that happened at it. */
function whoSet(before: ProbeReading, now: ProbeReading): SetBy {
  if (isOtherBoot(before, now) === true) return 'boot';
  const isOtherChange =
    now.incident !== undefined &&
    now.incident !== before.incident &&
    (before.incident !== undefined || before.gaps.incident === 'missing');
  if (isOtherChange && !(now.drift ?? []).includes('running-kernel')) return 'conntrack-medic';
  const isRestarted =
    before.kubeProxyStarted !== undefined &&
    now.kubeProxyStarted !== undefined &&
    before.kubeProxyStarted !== now.kubeProxyStarted;
  const wanted = wantedOn(now);
  const isItsValue =
    wanted !== undefined && now.max !== undefined && wanted.least <= now.max && now.max <= wanted.most;
  return isRestarted && isItsValue ? 'kube-proxy' : 'not-known';
}

function wantedOn({
  kubeProxyPerCore: maxPerCore,
  kubeProxyMin: min,
  cores,
  kubeProxyVersion,
}: ProbeReading) {
  if (maxPerCore === undefined || min === undefined || cores === undefined) return undefined;
  return limitWanted({ maxPerCore, min }, cores, kubeProxyVersion);
}

function fatesOf(now: ProbeReading): readonly LimitFate[] {
  return [
    { when: 'kube-proxy starts again', ...afterKubeProxy(now, now.max, 'the limit') },
    { when: 'the node boots again', ...afterBoot(now) },
    { when: 'the node is replaced', ...afterReplacement(now) },
  ];
}

type Fate = Omit<LimitFate, 'when'>;

/** What kube-proxy makes of a limit that it finds when it starts. */
function afterKubeProxy(now: ProbeReading, found: number | undefined, what: string): Fate {
  const { gaps, cores, kubeProxyPerCore: maxPerCore, kubeProxyMin: min, kubeProxyVersion: version } = now;
  const stays = found === undefined ? {} : { limit: { least: found, most: found } };
  if (gaps.kubeProxyStarted === 'missing')
    return { ...stays, why: `kube-proxy does not run here, so ${what} stays` };
  if (maxPerCore === undefined || min === undefined || cores === undefined)
    return {
      why:
        gaps.kubeProxyPerCore === 'not-sampled'
          ? 'the source of the samples does not tell what kube-proxy was told'
          : 'what kube-proxy was told could not be read',
    };
  const wanted = limitWanted({ maxPerCore, min }, cores, version);
  const line = limitWantedLine({ maxPerCore, min }, cores, version);
  if (wanted === undefined) return { ...stays, why: line };
  if (found === undefined) return { limit: wanted, why: `${line}, or keeps a higher one by its version` };
  if (found !== 0 && found <= wanted.least) return { limit: wanted, why: line };
  switch (higherLimit(version)) {
    case 'kept':
      return { ...stays, why: `${line}; it keeps a higher one` };
    case 'lowered':
      return { limit: wanted, why: `${line}, whatever it finds` };
    case 'unknown':
      return {
        limit: { least: Math.min(found, wanted.least), most: Math.max(found, wanted.most) },
        why: `${line}; whether it keeps a higher one depends on its version, which was not read`,
      };
  }
}

function afterBoot(now: ProbeReading): Fate {
  const { bootMax, gaps } = now;
  if (bootMax !== undefined) {
    const { limit, why } = afterKubeProxy(now, bootMax, 'it');
    return { ...(limit === undefined ? {} : { limit }), why: `sysctl.d sets ${show(bootMax)}; then ${why}` };
  }
  const files =
    gaps.bootMax === 'missing'
      ? 'no file of sysctl.d sets it, so the kernel takes its own by the memory of the node'
      : gaps.bootMax === 'not-sampled'
        ? 'the source of the samples does not tell what the files of sysctl.d set'
        : 'the files of sysctl.d could not all be read';
  const { limit, why } = afterKubeProxy(now, undefined, 'it');
  return { ...(limit === undefined ? {} : { limit }), why: `${files}; then ${why}` };
}

function afterReplacement(now: ProbeReading): Fate {
  const { limit, why } = afterKubeProxy(now, undefined, 'what its template sets');
  return {
    ...(limit === undefined ? {} : { limit }),
    why: `a new node has none of the files of this one, only what its template sets; then ${why}`,
  };
}

/** The limit of a fate for a sentence. */
export const fateWords = ({ limit }: LimitFate): string =>
  limit === undefined ? 'not known' : limit.least === 0 && limit.most === 0 ? 'no limit' : wantedWords(limit);
