import { describe, expect, it } from 'vitest';
import { readCapture } from '../../../../src/core/capture/capture.ts';
import { raiseLayers } from '../../../../src/core/plan/raise-layers.ts';
import { settingLayers } from '../../../../src/core/plan/setting-layers.ts';
import type { PersistenceLayer, SettingKey } from '../../../../src/core/record/plan.ts';
import type { Snapshot } from '../../../../src/core/snapshot/snapshot.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { nodeOutput } from '../../support/node-output.ts';

const NEIGHBOURS = 'net.ipv4.neigh.default.gc_thresh3';
const TIMEOUT = 'net.netfilter.nf_conntrack_tcp_timeout_close_wait';

function snapshotWith(tuners: string | undefined): Snapshot {
  const capture = readCapture(nodeOutput({ sections: { 'tuners -': tuners } }));
  if (capture === undefined) throw new Error('The built node is no capture.');
  return snapshotOf(capture);
}

const ofTuners = (layers: readonly PersistenceLayer[]) =>
  layers.filter(({ layer }) => layer === 'tuned' || layer === 'bpftune');
const ofRaise = (tuners: string | undefined) =>
  ofTuners(raiseLayers(snapshotWith(tuners), { max: 458_752, buckets: 458_752 }));
const ofSetting = (key: SettingKey, tuners: string) =>
  ofTuners(settingLayers(snapshotWith(tuners), [{ key, from: 1, to: 4096 }], undefined));

describe('a plan where TuneD runs', () => {
  const tuned = 'tuned=yes\ntuned_profile=virtual-guest\ntuned_reapply=yes\nbpftune=no';

  it('says that TuneD may set the change back, when, and how to tell it', () => {
    for (const [layers, line] of [
      [ofRaise(tuned), 'net.netfilter.nf_conntrack_max=458752'],
      [ofSetting(TIMEOUT, tuned), `${TIMEOUT}=4096`],
    ] as const) {
      expect(layers).toMatchObject([{ layer: 'tuned', state: 'not-covered' }]);
      expect(layers[0]?.how).toContain('profile virtual-guest');
      expect(layers[0]?.how).toContain('when it stops or takes another profile');
      expect(layers[0]?.how).toContain(`${line} under [sysctl]`);
      expect(layers[0]?.how).toContain('tuned-adm profile');
    }
  });

  it('counts its start too where it does not apply sysctl.d after its profile', () => {
    expect(ofRaise(tuned.replace('reapply=yes', 'reapply=no'))[0]?.how).toContain('when it starts, stops');
  });

  it('shows no name that is none', () => {
    const how = ofRaise(tuned.replace('virtual-guest', '$(reboot) `x`'))[0]?.how;
    expect(how).toContain('if its profile sets');
    expect(how).not.toContain('reboot');
  });
});

describe('a plan where bpftune runs', () => {
  const bpftune = 'tuned=no\nbpftune=yes';

  it('says so for neighbour thresholds, which it tunes, and how to tell it', () => {
    const [layer] = ofSetting(NEIGHBOURS, bpftune);
    expect(layer).toMatchObject({ layer: 'bpftune', state: 'not-covered' });
    expect(layer?.how).toContain('neigh_table_tuner.so');
  });

  it('says for connection tracking that it has no tuner', () => {
    expect(ofRaise(bpftune)).toMatchObject([{ layer: 'bpftune', state: 'not-applicable' }]);
    expect(ofSetting(TIMEOUT, bpftune)).toMatchObject([{ layer: 'bpftune', state: 'not-applicable' }]);
  });
});

describe('a plan where neither is known to run', () => {
  it('says nothing of them where they were seen to be absent or were not asked for', () => {
    expect(ofRaise('tuned=no\nbpftune=no')).toEqual([]);
    expect(ofRaise(undefined)).toEqual([]);
    expect(ofRaise('tuned=perhaps\nbpftune=no')).toEqual([]);
  });

  it('does not call them absent where a process of their name may be anybody’s', () => {
    const unknown = 'tuned=unknown\ntuned_profile=\ntuned_reapply=yes\nbpftune=unknown';
    expect(ofSetting(NEIGHBOURS, unknown).map(({ state, how }) => `${state}: ${how}`)).toEqual([
      'unknown: not known whether TuneD runs here',
      'unknown: not known whether bpftune runs here',
    ]);
  });
});
