import { shareOf } from '../../src/core/parse/entries/facts.ts';
import { defineRemediation } from '../../src/core/plan/remediation.ts';
import { settingLayers, settingsNotInForce, valuesInForce } from '../../src/core/plan/setting-layers.ts';
import type { SettingChange, SettingKey } from '../../src/core/record/plan.ts';
import { shortKey } from '../../src/core/record/settings.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import { counted, percent, show } from '../../src/core/words.ts';

/** Share of the table from which a state's timeout is worth shortening. */
const WORTH_SHARE = 0.2;

interface Shortening {
  readonly state: string;
  readonly key: SettingKey;
  /** Never below this many seconds. */
  readonly floor: number;
  readonly because: string;
}

/**
 * What may be shortened by a click, and how far. Each floor is a value that the kernel or kube-proxy itself uses, so no
 * connection is cut that would have lived elsewhere.
 */
const SHORTENINGS: readonly Shortening[] = [
  {
    state: 'CLOSE_WAIT',
    key: 'net.netfilter.nf_conntrack_tcp_timeout_close_wait',
    floor: 60,
    because: "the kernel's own default (nf_conntrack_proto_tcp.c, tcp_timeouts)",
  },
  {
    state: 'TIME_WAIT',
    key: 'net.netfilter.nf_conntrack_tcp_timeout_time_wait',
    floor: 60,
    because: 'as long as Linux sockets stay in that state (include/net/tcp.h, TCP_TIMEWAIT_LEN)',
  },
  {
    state: 'ESTABLISHED',
    key: 'net.netfilter.nf_conntrack_tcp_timeout_established',
    floor: 86_400,
    because: "kube-proxy's own default; shorter would cut idle connections whose keep-alive is not known",
  },
];

/**
 * Shorter timeouts for the states that crowd the table. An entry takes a new timeout at its next packet
 * (nf_conntrack_core.c, __nf_ct_refresh_acct), so silent ones keep the old one to its end.
 */
export default defineRemediation({
  kind: 'shorten-timeouts',
  plan(snapshot, instanceId) {
    const [facts, settings] = [valueOf(snapshot.entries), valueOf(snapshot.settings)];
    if (facts === undefined || settings === undefined)
      return 'The entries or the timeouts were not read, so no shorter timeout can be planned.';
    const { idle } = facts;
    const idleShare = idle === undefined || idle.looked === 0 ? 0 : idle.idle / idle.looked;
    const crowding = SHORTENINGS.map((one) => {
      const share = shareOf(facts, ({ state }) => state === one.state);
      // Established entries that talk are no bloat: only the silent ones count.
      return { ...one, share: one.state === 'ESTABLISHED' ? share * idleShare : share };
    }).filter(({ share }) => share - facts.stateError > WORTH_SHARE);
    const planned = crowding.flatMap((one) => {
      const from = settings.get(one.key);
      return from !== undefined && from > one.floor ? [{ ...one, from }] : [];
    });
    if (planned.length === 0) {
      const floors = crowding.map(
        ({ key, floor, because }) => `${shortKey(key)} ${show(floor)} s, ${because}`,
      );
      return floors.length === 0
        ? 'No state whose timeout a click may shorten crowds the table.'
        : `The timeouts are at their safe floor or below already (${floors.join('; ')}).`;
    }
    const changes = planned.map(({ key, from, floor }): SettingChange => ({ key, from, to: floor }));
    return {
      kind: 'shorten-timeouts',
      instanceId,
      changes,
      arithmetic: planned.map(
        ({ state, share, key, from, floor, because }) =>
          `${state}: ${percent(share)} of the table; ${shortKey(key)} ${show(from)} s → ${show(floor)} s, ${because}`,
      ),
      layers: settingLayers(snapshot, changes, {
        state: 'not-covered',
        how: 'its next start writes its own: set conntrack.tcpCloseWaitTimeout and tcpEstablishedTimeout there',
      }),
      warnings: [
        'An entry takes the new timeout at its next packet: what is silent now keeps the old one to its end, so the table shrinks slowly.',
      ],
    };
  },
  why: ({ changes }) =>
    `Shorter timeouts free the room of finished connections sooner (${changes.map(({ key, from, to }) => `${shortKey(key)} ${show(from)} → ${show(to)} s`).join(', ')}).`,
  verify({ changes }, after, before) {
    const wrong = settingsNotInForce(changes, after);
    if (wrong !== undefined) return { passed: false, why: wrong };
    const { count, max, fullDrops, windowSeconds } = after.figures;
    if (count === undefined || max === undefined || fullDrops === undefined || windowSeconds === undefined)
      return { passed: false, why: 'count or drops could not be read twice, so the change is not verified.' };
    if (fullDrops > (before.figures.fullDrops ?? 0))
      return {
        passed: false,
        why: `the new timeouts are in force, but ${counted(fullDrops, 'packet')} were dropped in ${windowSeconds.toFixed(0)} s, more than before.`,
      };
    const use = max === 0 ? '' : `, ${percent(count / max)} of the table in use`;
    return {
      passed: true,
      why: `in force: ${valuesInForce(changes, after)}${use}; silent entries end with their old timeout, so look at the use again in a day.`,
    };
  },
});
