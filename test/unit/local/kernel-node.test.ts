import { expect, it } from 'vitest';
import { kernelNode } from '../../../local/kernel/kernel-node.ts';
import type { NodeRoot } from '../../../local/kernel/node-root.ts';
import { shipped } from '../../nodes/support/scripts.ts';

it('has a trace that finds its points by itself look where the lab has its links', async () => {
  const seen: string[] = [];
  const root: NodeRoot = {
    mountNamespace: '',
    changedFiles: () => [],
    scriptCommand: async (_name, script) => {
      seen.push(script);
      return { commandLine: ['true'], remove: async () => {} };
    },
    end: async () => {},
  };
  const given = { nonce: 'k3v9x0q2m7b1c5d8', seconds: '15', port: 'any' };
  const node = kernelNode(root, 'uplink=lab0,pod=198.18.1.2');
  await node.run('medic-trace', {}, shipped('medic-trace', { ...given, points: 'auto' }));
  await node.run('medic-trace', {}, shipped('medic-trace', { ...given, points: 'uplink=eth1' }));
  expect(seen.map((script) => /SSM_points-'([^']*)'/.exec(script)?.[1])).toEqual([
    'uplink=lab0,pod=198.18.1.2',
    'uplink=eth1',
  ]);
});
