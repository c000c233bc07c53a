import { parseKeyValues } from './key-values.ts';

/** Whether a daemon runs on the node; `unknown` where a process of its name may be anybody's. */
export type Running = 'yes' | 'no' | 'unknown';

/** The services that set the kernel's settings on their own. */
export interface Tuners {
  /** TuneD (tuned-project.org), which applies a profile. */
  readonly tuned: Running;
  /** Names of its active profiles, as the node has them; `undefined` where it has none or they can not be shown. */
  readonly tunedProfile: string | undefined;
  /** Whether TuneD applies sysctl.d once more after its profile, as it does unless told otherwise (man 5 tuned-main.conf, reapply_sysctl). */
  readonly tunedReapplies: boolean;
  /** bpftune (github.com/oracle/bpftune), which goes by what it sees. */
  readonly bpftune: Running;
}

/** Reads the collector's section on them; `undefined` when it says nothing of either. */
export function parseTuners(text: string): Tuners | undefined {
  const values = parseKeyValues(text);
  const [tuned, bpftune] = [runningOf(values.get('tuned')), runningOf(values.get('bpftune'))];
  if (tuned === undefined || bpftune === undefined) return undefined;
  const profile = values.get('tuned_profile') ?? '';
  return {
    tuned,
    tunedProfile: /^[A-Za-z0-9._ -]{1,100}$/.test(profile) ? profile : undefined,
    tunedReapplies: values.get('tuned_reapply') !== 'no',
    bpftune,
  };
}

function runningOf(value: string | undefined): Running | undefined {
  return value === 'yes' || value === 'no' || value === 'unknown' ? value : undefined;
}
