import type { ProbeReading } from '../../../../src/core/fleet/reading.ts';

export const NODE = 'i-0123456789abcdef0';
export const BOOT = '6f1c2d3e-0000-4000-8000-000000000001';
/** 2026-11-20 00:00 UTC, a Friday. */
export const START = Date.UTC(2026, 10, 20);

/** A reading in which everything was seen, but for what is said otherwise. */
export function readingAt(at: number, said: Partial<ProbeReading> = {}): ProbeReading {
  const whole: ProbeReading = {
    at,
    count: 40_000,
    max: 131_072,
    buckets: 32_768,
    drops: 0,
    insertFailed: 0,
    earlyDrops: 0,
    chainTooLong: 0,
    enaExceeded: 0,
    enaAvailable: 400_000,
    neighbours: 60,
    neighbourLimit: 1024,
    cores: 4,
    bootMax: 131_072,
    kubeProxyPerCore: 32_768,
    kubeProxyMin: 131_072,
    kubeProxyStarted: 4_211,
    kubeProxyVersion: 'v1.31.2',
    bootId: BOOT,
    bootedAt: START / 1_000 - 86_400,
    kernel: '6.1.141-155.222.amzn2023.x86_64',
    incident: 'inc-0123456789ab',
    drift: [],
    gaps: {},
    ...said,
  };
  for (const field of Object.keys(whole.gaps) as (keyof ProbeReading['gaps'])[]) delete whole[field];
  return whole;
}
