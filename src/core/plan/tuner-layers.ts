import type { Tuners } from '../parse/tuners.ts';
import type { PersistenceLayer } from '../record/plan.ts';
import { type Fact, valueOf } from '../snapshot/fact.ts';

/** bpftune's one tuner of something that a click changes is for the neighbour tables (man 8 bpftune-neigh). */
const TUNED_BY_BPFTUNE = /^net\.ipv[46]\.neigh\.default\.gc_thresh[123]$/;

/**
 * What the services that set settings on their own may do to a change, and how to tell them of it; nothing where none of
 * them runs. TuneD writes its profile's values when it starts, and those that it found before when it stops or takes
 * another profile (tuned, plugin_sysctl.py); bpftune leaves a setting alone once somebody has set it, until it is started
 * anew (man 8 bpftune-sysctl).
 *
 * @param changes full sysctl names and what they are going to be
 */
export function tunerLayers(
  { tuners }: { readonly tuners: Fact<Tuners> },
  changes: readonly { readonly key: string; readonly to: number }[],
): PersistenceLayer[] {
  const facts = valueOf(tuners);
  return facts === undefined ? [] : [...tunedLayer(facts, changes), ...bpftuneLayer(facts, changes)];
}

function tunedLayer(
  { tuned, tunedProfile, tunedReapplies }: Tuners,
  changes: readonly { readonly key: string; readonly to: number }[],
): PersistenceLayer[] {
  const layer = { layer: 'tuned', state: 'not-covered' } as const;
  if (tuned === 'no') return [];
  if (tuned === 'unknown') return [{ ...layer, state: 'unknown', how: 'not known whether TuneD runs here' }];
  const when = tunedReapplies ? 'stops or takes another profile' : 'starts, stops or takes another profile';
  const name = tunedProfile === undefined ? 'its profile' : `its profile ${tunedProfile}`;
  const lines = changes.map(({ key, to }) => `${key}=${to}`).join(', ');
  return [
    {
      ...layer,
      how: `TuneD runs here: if ${name} sets this too, TuneD sets it back when it ${when}; to tell it, put ${lines} under [sysctl] into a profile of yours that includes that one, and take it with tuned-adm profile`,
    },
  ];
}

function bpftuneLayer({ bpftune }: Tuners, changes: readonly { readonly key: string }[]): PersistenceLayer[] {
  if (bpftune === 'no') return [];
  if (!changes.some(({ key }) => TUNED_BY_BPFTUNE.test(key)))
    return [{ layer: 'bpftune', state: 'not-applicable', how: 'bpftune has no tuner for it' }];
  if (bpftune === 'unknown')
    return [{ layer: 'bpftune', state: 'unknown', how: 'not known whether bpftune runs here' }];
  const how =
    'bpftune runs here and sizes neighbour tables: it leaves alone what was set while it ran, and may set it back once it is started anew; to tell it, start it with -a and the name of each tuner but neigh_table_tuner.so';
  return [{ layer: 'bpftune', state: 'not-covered', how }];
}
