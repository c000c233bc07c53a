import type { Point } from '../../src/core/fleet/theil-sen.ts';

/** What a rule sees at one moment: the points up to now, a point a reading, and the limit in force. */
export interface Seen {
  readonly points: readonly Point[];
  readonly max: number;
  readonly now: number;
}

/** A rule of another tool, as it is published. `fires` is asked at each reading. */
export interface PeerRule {
  readonly id: string;
  readonly source: string;
  /** Hours for which a warning of it says that the table will be full. */
  readonly horizonHours: number;
  /** Makes the rule for one node; it may keep what it needs from one reading to the next. */
  begin(): (seen: Seen) => boolean;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** `predict_linear` (prometheus promql/functions.go): least squares over the range, continued from now. */
function predicted(points: readonly Point[], now: number, range: number, ahead: number): number | undefined {
  const line = leastSquares(pointsSince(points, now - range));
  return line === undefined ? undefined : line.at(now + ahead);
}

function pointsSince(points: readonly Point[], from: number): readonly Point[] {
  let first = points.length;
  while (first > 0 && (points[first - 1]?.at ?? 0) >= from) first--;
  return points.slice(first);
}

function leastSquares(
  points: readonly Point[],
): { readonly slope: number; at(moment: number): number } | undefined {
  const [origin] = points;
  if (origin === undefined || points.length < 2) return undefined;
  let [x, y, xx, xy] = [0, 0, 0, 0];
  for (const { at, count } of points) {
    const since = (at - origin.at) / 1_000;
    x += since;
    y += count;
    xx += since * since;
    xy += since * count;
  }
  const n = points.length;
  const variance = xx - (x * x) / n;
  if (variance === 0) return undefined;
  const slope = (xy - (x * y) / n) / variance;
  const middle = y / n - (slope * x) / n;
  return { slope, at: (moment) => middle + (slope * (moment - origin.at)) / 1_000 };
}

/** Fires once a condition has held for so long without a break, as `for` of a Prometheus rule does. */
function held(forMs: number, condition: (seen: Seen) => boolean): (seen: Seen) => boolean {
  let since: number | undefined;
  return (seen) => {
    since = condition(seen) ? (since ?? seen.now) : undefined;
    return since !== undefined && seen.now - since >= forMs;
  };
}

/** Ends only once the condition has been away for so long. */
function lingering(
  forMs: number,
  condition: (seen: Seen, isFiring: boolean) => boolean,
): (seen: Seen) => boolean {
  let last: number | undefined;
  return (seen) => {
    const isFiring = last !== undefined;
    if (condition(seen, isFiring)) last = seen.now;
    else if (last !== undefined && seen.now - last >= forMs) last = undefined;
    return last !== undefined;
  };
}

const use = ({ points, max }: Seen): number => (points.at(-1)?.count ?? 0) / max;

/** Points a minute apart on the lines between them, for a rule that is made for a finer series than a reading in five minutes. */
function everyMinute(points: readonly Point[]): readonly Point[] {
  return points.flatMap((point, index) => {
    const next = points[index + 1];
    if (next === undefined) return [point];
    const steps = Math.max(1, Math.round((next.at - point.at) / MINUTE));
    return Array.from({ length: steps }, (_, step) => ({
      at: point.at + step * MINUTE,
      count: point.count + ((next.count - point.count) * step) / steps,
    }));
  });
}

/** Percent by which the last hour grew, 0 where one of Coroot's guards speaks against a leak (auditor/memory.go, MemoryGrowthPct). */
function corootGrowth({ points, max, now }: Seen): number {
  const window = pointsSince(points, now - HOUR);
  if (window.length < 0.8 * 12) return 0;
  const counts = window.map(({ count }) => count);
  // A line through points within so little cannot rise by the twentieth that is asked for below.
  if (1.5 * (Math.max(...counts) - Math.min(...counts)) < max * 0.05) return 0;
  let [run, current]: [Point[], Point[]] = [[], []];
  for (const point of everyMinute(window)) {
    const before = current.at(-1)?.count ?? 0;
    if (before > 0 && point.count < before * 0.5) {
      if (current.length > run.length) run = current;
      current = [];
    }
    current.push(point);
  }
  if (current.length > run.length) run = current;
  const [line, last] = [leastSquares(run), run.at(-1)];
  if (run.length < 20 || line === undefined || last === undefined || line.slope <= 0) return 0;
  const tail = leastSquares(pointsSince(run, last.at - 15 * MINUTE));
  if (tail === undefined || tail.slope < line.slope * 0.3) return 0;
  const [start, end] = [line.at(now - HOUR), line.at(now)];
  if (end <= start || end - start < max * 0.05) return 0;
  return ((end - start) / (start > 0 ? start : end)) * 100;
}

export const PEERS: readonly PeerRule[] = [
  {
    id: 'predict_linear over 1 h, 4 h ahead, for 5 min',
    source:
      'Robust Perception, "Reduce noise from disk space alerts", `predict_linear(x[1h], 4*3600)`; the function: prometheus promql/functions.go',
    horizonHours: 4,
    begin: () =>
      held(5 * MINUTE, ({ points, max, now }) => (predicted(points, now, HOUR, 4 * HOUR) ?? 0) > max),
  },
  {
    id: 'node-mixin, filling up: > 60 % used, 6 h, 24 h ahead, for 1 h',
    source:
      'prometheus/node_exporter docs/node-mixin/alerts/alerts.libsonnet, NodeFilesystemSpaceFillingUp (warning)',
    horizonHours: 24,
    begin: () =>
      held(
        HOUR,
        (seen) => use(seen) > 0.6 && (predicted(seen.points, seen.now, 6 * HOUR, 24 * HOUR) ?? 0) > seen.max,
      ),
  },
  {
    id: 'node-mixin, conntrack: > 75 % used',
    source: 'the same file, NodeHighNumberConntrackEntriesUsed',
    horizonHours: 8,
    begin: () => (seen) => use(seen) > 0.75,
  },
  {
    id: 'netdata, time to full: rate of the last hour, < 8 h, released above 48 h',
    source: 'netdata/netdata src/health/health.d/disks.conf, disk_fill_rate and out_of_disk_space_time',
    horizonHours: 8,
    begin: () =>
      lingering(15 * MINUTE, ({ points, max, now }, isFiring) => {
        const hour = pointsSince(points, now - HOUR).filter(({ at }) => at <= now - 50 * MINUTE);
        const free = max - (points.at(-1)?.count ?? 0);
        if (hour.length === 0) return false;
        const rate = Math.min(...hour.map(({ count }) => max - count)) - free;
        return rate > 0 && free / rate > 0 && free / rate < (isFiring ? 48 : 8);
      }),
  },
  {
    id: 'netdata, conntrack: > 90 % used, released below 85 %',
    source: 'netdata/netdata src/health/health.d/netfilter.conf, netfilter_conntrack_full',
    horizonHours: 8,
    begin: () => lingering(5 * MINUTE, (seen, isFiring) => use(seen) > (isFiring ? 0.85 : 0.9)),
  },
  {
    id: 'Coroot, memory leak: > 10 % an hour with its guards, for 15 min',
    source:
      'coroot/coroot auditor/memory.go (MemoryGrowthPct), model/check.go (10), model/alerting_rule.go (15 min); on points a minute apart, which it needs',
    horizonHours: 8,
    begin: () => {
      const leaks = held(15 * MINUTE, (seen) => corootGrowth(seen) > 10);
      return lingering(15 * MINUTE, leaks);
    },
  },
];
