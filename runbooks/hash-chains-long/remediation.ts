import { defineRemediation } from '../../src/core/plan/remediation.ts';
import { settingLayers, settingsNotInForce } from '../../src/core/plan/setting-layers.ts';
import { NF_CONNTRACK_MAX_CEILING } from '../../src/core/plan/sizing.ts';
import { BUCKET_STEP, roundDown, roundUp } from '../../src/core/plan/sizing-buckets.ts';
import type { SettingChange } from '../../src/core/record/plan.ts';
import { BUCKETS_KEY } from '../../src/core/record/settings.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import { counted, mebibytes, memoryShare, show } from '../../src/core/words.ts';
import { hashEntries } from './entries.ts';

const BUCKET_BYTES = 8;
/** More buckets by less than this would not shorten the chains enough to be worth the pause. Our choice. */
const LEAST_GAIN = 1.25;
/** Buckets are allocated at once and stay: at most so much of the memory. Our choice. */
const MEMORY_SHARE = 0.01;
/** From this limit on half a bucket an entry is enough (conntrack tables of that size have the long chain limit). */
const HALF_FROM = 2 ** 20;

/**
 * More hash buckets: one for each entry of the limit, the kernel's own ratio since 5.15 (nf_conntrack_core.c,
 * nf_conntrack_init_start). nf_conntrack_max stays: a higher one allows longer chains still.
 */
export default defineRemediation({
  kind: 'raise-buckets',
  plan(snapshot, instanceId) {
    const { conntrack, identity } = snapshot;
    const [use, from, memory] = [
      valueOf(conntrack.use),
      valueOf(conntrack.buckets),
      valueOf(snapshot.memory),
    ];
    if (use === undefined) return 'nf_conntrack_count or nf_conntrack_max was not read.';
    if (from === undefined) return 'nf_conntrack_buckets was not read, so the new number can not be planned.';
    if (memory === undefined) return '/proc/meminfo was not read, so the memory bound is unknown.';
    if (memory.availableBytes < memory.totalBytes / 10)
      return 'Less than 10 % of the memory is available, and buckets take theirs at once.';
    const { entries, noun, nouns } = hashEntries(snapshot);
    const limit = use.max === 0 ? 2 * entries : use.max;
    const hasShortChains = valueOf(identity.kernel)?.startsWith('5.15.') ?? false;
    const ratio = limit > HALF_FROM && !hasShortChains ? 0.5 : 1;
    const wanted = roundUp(Math.max(limit * ratio, entries), BUCKET_STEP);
    const bound = Math.min(NF_CONNTRACK_MAX_CEILING, (memory.totalBytes * MEMORY_SHARE) / BUCKET_BYTES);
    const to = Math.min(wanted, roundDown(bound, BUCKET_STEP));
    if (to < from * LEAST_GAIN) {
      return to < wanted
        ? `Memory bounds the buckets to ${show(to)}, hardly more than the ${show(from)} there are.`
        : `There are ${counted(from, 'bucket')} for a limit of ${show(limit)} already, so more would not shorten the chains.`;
    }
    const changes: SettingChange[] = [{ key: BUCKETS_KEY, from, to }];
    const bytes = to * BUCKET_BYTES;
    return {
      kind: 'raise-buckets',
      instanceId,
      changes,
      arithmetic: [
        `${counted(entries, noun, nouns)} in ${counted(from, 'bucket')}: ${show(entries / from)} in each`,
        `${ratio === 1 ? 'one bucket' : 'half a bucket'} for each entry of the limit of ${show(limit)} → ${show(wanted)}`,
        ...(to < wanted ? [`bounded by memory or the ceiling → ${show(to)}`] : []),
        `${counted(entries, noun, nouns)} in ${counted(to, 'bucket')}: ${show(entries / to)} in each`,
        `${show(to)} × ${BUCKET_BYTES} B = ${mebibytes(bytes)} at once, ${memoryShare(bytes, memory.totalBytes)} of memory`,
      ],
      layers: settingLayers(snapshot, changes, {
        state: 'covered',
        how: 'kube-proxy only ever raises buckets',
      }),
      warnings: [],
    };
  },
  why: ({ changes: [change], arithmetic }) =>
    change === undefined
      ? ''
      : `More buckets make the chains shorter, and the limit stays (${arithmetic[0] ?? ''}).`,
  verify({ changes }, after) {
    const { chainTooLong, windowSeconds, count, buckets } = after.figures;
    const wrong = settingsNotInForce(changes, after);
    if (wrong !== undefined) return { passed: false, why: wrong };
    if (chainTooLong === undefined || windowSeconds === undefined)
      return { passed: false, why: 'chaintoolong could not be read twice, so the change is not verified.' };
    const seconds = windowSeconds.toFixed(0);
    if (chainTooLong > 0)
      return {
        passed: false,
        why: `still ${counted(chainTooLong, 'packet')} refused for long chains in ${seconds} s.`,
      };
    const load =
      count === undefined || buckets === undefined ? '' : `, ${counted(count / buckets, 'entry')} in each`;
    return {
      passed: true,
      why: `0 packets refused for long chains in ${seconds} s, ${counted(buckets ?? 0, 'bucket')}${load}.`,
    };
  },
});
