import { defineRemediation } from '../../src/core/plan/remediation.ts';
import { settingLayers, settingsNotInForce, valuesInForce } from '../../src/core/plan/setting-layers.ts';
import type { SettingChange, SettingKey } from '../../src/core/record/plan.ts';
import { type Fact, valueOf } from '../../src/core/snapshot/fact.ts';
import type { NeighbourFacts } from '../../src/core/snapshot/snapshot.ts';
import { counted, mebibytes, percent, show } from '../../src/core/words.ts';

/** Room above what is there now: a click should last, and unused room costs nothing. Our choice. */
const ROOM = 4;
/** Fewer than this is no size for a node with pods; the kernel's default is a quarter of it. */
const LEAST = 4_096;
/** Above it a human must decide: a flat network of that many neighbours has other troubles. Our choice. */
const CEILING = 65_536;
/** Bytes of one neighbour with its key and slack (include/net/neighbour.h, struct neighbour). */
const ENTRY_BYTES = 1_024;
const MEMORY_SHARE = 0.01;
/** Share of new neighbours that never answer from which something scans the network, and any size is filled. Our choice. */
const SCAN_SHARE = 0.5;
/** Use of the new limit above which the raise has not bought room. */
const VERIFIED_USE = 0.8;

type Family = 'ipv4' | 'ipv6';
type Threshold = 1 | 2 | 3;
const keyOf = (family: Family, level: Threshold): SettingKey =>
  `net.${family}.neigh.default.gc_thresh${level}`;

/**
 * Higher limits of the neighbour table. gc_thresh3 is where the kernel refuses, gc_thresh2 where it collects in a hurry,
 * gc_thresh1 below which it leaves entries alone (net/core/neighbour.c, neigh_alloc, neigh_forced_gc).
 */
export default defineRemediation({
  kind: 'raise-neighbour-thresholds',
  plan(snapshot, instanceId) {
    const [table, settings, memory] = [
      valueOf(snapshot.neighbourTable),
      valueOf(snapshot.settings),
      valueOf(snapshot.memory),
    ];
    if (table === undefined || settings === undefined)
      return 'The neighbour table or its limits were not read, so no new limit can be planned.';
    if (memory === undefined) return '/proc/meminfo was not read, so the memory bound is unknown.';
    const scan = refuseScan(snapshot.neighbours);
    if (scan !== undefined) return scan;
    const bound = Math.min(CEILING, (memory.totalBytes * MEMORY_SHARE) / ENTRY_BYTES);
    const families: { family: Family; entries: number }[] = [{ family: 'ipv4', entries: table.entries }];
    if (isFull(settings, table.ipv6Entries))
      families.push({ family: 'ipv6', entries: table.ipv6Entries ?? 0 });
    const planned = families.map(({ family, entries }) => planFamily(settings, family, entries, bound));
    const refusal = planned.find((one) => typeof one === 'string');
    if (typeof refusal === 'string') return refusal;
    const own = planned.flatMap((one) => (typeof one === 'string' ? [] : [one]));
    const changes = own.flatMap((one) => one.changes);
    return {
      kind: 'raise-neighbour-thresholds',
      instanceId,
      changes,
      arithmetic: own.flatMap((one) => one.arithmetic),
      layers: settingLayers(snapshot, changes, undefined),
      warnings: ['The limits are one for all network namespaces of the node, and so is the table.'],
    };
  },
  why: () => 'A larger neighbour table has room for the addresses that are refused now.',
  verify({ changes }, after) {
    const { neighbours, neighbourFulls, windowSeconds } = after.figures;
    const wrong = settingsNotInForce(changes, after);
    if (wrong !== undefined) return { passed: false, why: wrong };
    if (neighbours === undefined || neighbourFulls === undefined || windowSeconds === undefined)
      return {
        passed: false,
        why: 'the neighbour table could not be read twice, so the change is not verified.',
      };
    const seconds = windowSeconds.toFixed(0);
    if (neighbourFulls > 0)
      return { passed: false, why: `still ${counted(neighbourFulls, 'neighbour')} refused in ${seconds} s.` };
    const limit = changes.find(({ key }) => key === keyOf('ipv4', 3))?.to ?? 0;
    const use = limit === 0 ? 0 : neighbours / limit;
    if (use >= VERIFIED_USE)
      return {
        passed: false,
        why: `no neighbour refused, but ${percent(use)} of the new limit is in use already.`,
      };
    return {
      passed: true,
      why: `0 neighbours refused in ${seconds} s, ${show(neighbours)} in the table; ${valuesInForce(changes, after)}.`,
    };
  },
});

/** Neighbours that never answer are a scan's: it fills any size, so a larger table would only hold more of them. */
function refuseScan(neighbours: Fact<NeighbourFacts>): string | undefined {
  const { allocated, unanswered } = valueOf(neighbours) ?? {};
  if (allocated === undefined || unanswered === undefined)
    return 'Whether the addresses answer was not counted, so it can not be told whether a scan fills the table.';
  if (unanswered === 0n || Number(unanswered) < SCAN_SHARE * Number(allocated)) return undefined;
  return `${counted(unanswered, 'address')} did not answer for ${counted(allocated, 'new neighbour')}: something scans the network and fills any size, so find and stop it.`;
}

function isFull(settings: ReadonlyMap<SettingKey, number>, entries: number | undefined): boolean {
  const limit = settings.get(keyOf('ipv6', 3));
  return entries !== undefined && limit !== undefined && entries >= 0.8 * limit;
}

function planFamily(
  settings: ReadonlyMap<SettingKey, number>,
  family: Family,
  entries: number,
  bound: number,
): { changes: SettingChange[]; arithmetic: string[] } | string {
  const levels = ([3, 2, 1] as const).map((level) => ({ level, from: settings.get(keyOf(family, level)) }));
  const limit = levels[0]?.from;
  if (limit === undefined || levels.some(({ from }) => from === undefined))
    return `The ${family} limits gc_thresh1 to gc_thresh3 were not all read, so no new ones can be planned.`;
  const wanted = Math.max(LEAST, 2 ** Math.ceil(Math.log2(ROOM * Math.max(entries, limit))));
  const to = Math.min(wanted, 2 ** Math.floor(Math.log2(bound)));
  if (to < 2 * limit)
    return `The ${family} limit of ${counted(limit, 'neighbour')} could only go to ${show(Math.max(to, limit))}: fewer neighbours are the way, such as routed pod networks.`;
  const raised = levels.map(({ level, from = 0 }) => {
    const key = keyOf(family, level);
    return { key, from, to: Math.max(from, to / 2 ** (3 - level)) };
  });
  if (raised.some(({ to: value }, index) => index > 0 && value >= (raised[index - 1]?.to ?? 0)))
    return `The ${family} limits stand in an odd order (${raised.map(({ from }) => show(from)).join(', ')}): set them by hand, gc_thresh1 lowest.`;
  const changes = raised.filter((one) => one.to > one.from);
  return {
    changes,
    arithmetic: [
      `${family}: ${counted(entries, 'neighbour')} at a limit of ${show(limit)}; the greater × ${ROOM}, up to a power of two → ${show(wanted)}`,
      ...(to < wanted ? [`bounded by memory or the ceiling of ${show(CEILING)} → ${show(to)}`] : []),
      `${show(to)} × ${show(ENTRY_BYTES)} B = ${mebibytes(to * ENTRY_BYTES)} if full`,
    ],
  };
}
