import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limitWanted } from '../../src/core/plan/kube-proxy.ts';
import { noteSeen } from '../nodes/support/seen.ts';
import { configureKubeProxy, installKubeProxy, restartKubeProxy } from './support/fake-kube-proxy.ts';
import { GuestNode } from './support/guest-node.ts';
import { driftOfRaise, type Look, lookAt } from './support/later-look.ts';
import { whyNoGuest } from './support/requirements.ts';

const LOWERING = 'v1.33.1';
const INCIDENT = 'inc-aaaaaaaa';

describe.runIf(whyNoGuest() === undefined)('a raise on a node where kube-proxy starts at boot', () => {
  let node: GuestNode;
  let verified: Look | undefined;
  beforeAll(async () => {
    node = await GuestNode.start();
    await node.raise(INCIDENT);
  });
  afterAll(() => node.close());

  it('is undone by a version that lowers, which is the layer that the plan names', async () => {
    await installKubeProxy(node, LOWERING, { maxPerCore: 1, min: node.original.max });
    await node.guest.reboot();
    expect((await node.values()).max).toBe(node.original.max);
    const layer = await node.layer('kube-proxy');
    expect(layer).toMatchObject({ state: 'not-covered' });
    expect(layer?.how).toContain(LOWERING);
    expect(layer?.how).toContain(`conntrack.min to ${node.target.max}`);
    noteSeen('kube-proxy', `After a boot: nf_conntrack_max ${node.original.max}. Told: ${layer?.how}.`);
  });

  it('holds once its configuration says what the plan says', async () => {
    await configureKubeProxy(node, { maxPerCore: 1, min: node.target.max });
    await node.guest.reboot();
    expect(await node.values()).toEqual(node.target);
    verified = await lookAt(node);
    const layer = node.layerIn(verified.evidence, 'kube-proxy');
    expect(layer).toMatchObject({ state: 'covered' });
    noteSeen(
      'kube-proxy',
      `With that configuration: nf_conntrack_max ${node.target.max}. Told: ${layer?.how}.`,
    );
  });

  it('is told as undone by kube-proxy when a mere restart has lowered it', async () => {
    await configureKubeProxy(node, { maxPerCore: 1, min: node.original.max });
    await restartKubeProxy(node);
    if (verified === undefined) throw new Error('The node was not looked at while the raise held.');
    const drift = driftOfRaise(node, verified, await lookAt(node));
    expect(drift).toMatchObject({ state: 'moved', by: 'kube-proxy' });
    noteSeen('kube-proxy', `After a restart with the former configuration: ${drift?.why}`);
  });

  // Its start at a boot and its restart are the same code; restarts save minutes.
  it.each([
    { version: 'v1.22.17', maxPerCore: 1, min: 10_000 },
    { version: 'v1.25.16', maxPerCore: 1, min: 10_000 },
    { version: 'v1.36.0', maxPerCore: 1_200_000, min: 10_000 },
    { version: 'v1.37.2', maxPerCore: 1, min: 10_000 },
  ])('$version with maxPerCore $maxPerCore and min $min leaves what the plan says of it', async (wish) => {
    const { max } = node.target;
    await node.guest.succeed(`echo ${max} >/proc/sys/net/netfilter/nf_conntrack_max`);
    await installKubeProxy(node, wish.version, wish);
    await restartKubeProxy(node);
    const left = (await node.values()).max;
    const layer = await node.layer('kube-proxy');
    expect(layer?.state).toBe(left >= max ? 'covered' : 'not-covered');
    expect(layer?.how).toContain(wish.version);
    if (left !== max) expect(limitWanted(wish, 1, wish.version)).toEqual({ least: left, most: left });
    noteSeen(
      'kube-proxy',
      `${wish.version}, maxPerCore ${wish.maxPerCore}, min ${wish.min}, limit ${max}: after its start ${left}. Told: ${layer?.how}.`,
    );
  });
});
