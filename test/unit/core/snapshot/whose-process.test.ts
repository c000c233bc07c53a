import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../runbooks/index.ts';
import { readCapture } from '../../../../src/core/capture/capture.ts';
import { diagnose } from '../../../../src/core/diagnosis/diagnose.ts';
import { raiseLayers } from '../../../../src/core/plan/raise-layers.ts';
import { snapshotOf } from '../../../../src/core/snapshot/snapshot-of.ts';
import { nodeOutput } from '../../support/node-output.ts';

function seen(kubeProxy: string) {
  const capture = readCapture(nodeOutput({ sections: { 'kube-proxy -': kubeProxy } }));
  if (capture === undefined) throw new Error('The built node is no capture.');
  const snapshot = snapshotOf(capture);
  const layers = raiseLayers(snapshot, { max: 458_752, buckets: 458_752 });
  return {
    snapshot,
    gaps: diagnose(snapshot, catalogue, 'i-0abc').diagnosis.gaps.filter((gap) => gap.includes('kube-proxy')),
    layer: layers.find(({ layer }) => layer === 'kube-proxy'),
  };
}

describe('a kube-proxy of which the user or a namespace could not be read', () => {
  const { snapshot, gaps, layer } = seen('running=unknown\nkube_ipvs0=no\ninterfaces=eni');

  it('is unknown, and so is what it does to a raise', () => {
    expect(snapshot.kubeProxy).toMatchObject({ known: false, kind: 'unknown' });
    expect(layer).toMatchObject({ state: 'not-covered', how: 'not known whether kube-proxy runs here' });
  });

  it('is named among what could not be seen', () => {
    expect(gaps).toEqual([
      'kube-proxy: user or namespaces of a process could not be read → whether kube-proxy runs here, and undoes a change, is unknown',
    ]);
  });

  it('takes nothing else with it that the section says', () => {
    expect(snapshot.usesIpvs).toMatchObject({ known: true, value: false });
    expect(snapshot.cilium).toMatchObject({ known: true });
  });
});

it('says nothing of the kind where kube-proxy was seen not to run', () => {
  expect(seen('running=no\nkube_ipvs0=no\ninterfaces=').gaps).toEqual([]);
});
