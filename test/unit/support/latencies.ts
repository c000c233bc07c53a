import type { Distribution, LatencyShape } from '../../../src/core/record/latency/shape.ts';

/** Latencies of a service that is well. */
export const CALM_LATENCIES: Distribution = {
  count: 60_000,
  p10: 0.01,
  p50: 0.02,
  p90: 0.06,
  p99: 0.12,
  at1: 0,
  at3: 0,
  at7: 0,
  between: 0,
};

/** What CloudWatch says where latencies were calm before and have changed so much. */
export const latencyShape = (now: Partial<Distribution>): Extract<LatencyShape, { kind: 'read' }> => ({
  kind: 'read',
  metric: 'AWS/ApplicationELB TargetResponseTime',
  now: { ...CALM_LATENCIES, ...now },
  before: CALM_LATENCIES,
});

/** A few requests stand on the steps of SYNs that were sent again, and the others are as fast as before. */
export const STEPPED = latencyShape({ p99: 1.02, at1: 0.031, at3: 0.008 });
