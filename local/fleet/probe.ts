import type { FleetMember } from './day.ts';

/** What a node's kernel and files say at the moment of a probe. */
export interface ProbedState {
  readonly nonce: string;
  /** Seconds since 1970 by the node's clock. */
  readonly clock: number;
  readonly count: number;
  readonly max: number;
  readonly buckets: number;
  /** Packets that found the table full, since boot. */
  readonly drops: number;
  /** Limit that its files set at boot. */
  readonly keptMax: number | undefined;
  /** Incident whose change is the newest, or empty. */
  readonly incident: string;
}

/** What nodes/probe.sh prints on a node of the fleet. */
export function probeText({ instanceId, cores }: FleetMember, state: ProbedState): string {
  const { nonce, clock, count, max, buckets, drops, keptMax, incident } = state;
  return [
    `medic-probe/1 ${nonce}`,
    `clock=${clock}`,
    `count=${count}`,
    `max=${max}`,
    `buckets=${buckets}`,
    `drop=${drops}`,
    'insert_failed=0',
    'early_drop=0',
    'chaintoolong=0',
    'neighbours=62',
    'neighbour_limit=1024',
    `cores=${cores}`,
    `boot=6f1c2d3e-0000-4000-8000-${instanceId.slice(-12)}`,
    'kernel=6.1.141-155.222.amzn2023.x86_64',
    `boot_max=${keptMax ?? '?missing'}`,
    `incident=${incident === '' ? '?missing' : incident}`,
    'drift=none',
    'kube_proxy_per_core=16384',
    'kube_proxy_min=32768',
    'kube_proxy_started=4211',
    'kube_proxy_version=v1.31.2',
    'ena_exceeded=0',
    'ena_available=?missing',
    `end ${nonce}`,
    '',
  ].join('\n');
}
