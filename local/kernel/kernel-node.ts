import { randomBytes } from 'node:crypto';
import { DEMO_GROUP_TAGS } from '../demo-nodes.ts';
import type { LocalNode } from '../ssm/local-node.ts';
import type { NodeRoot } from './node-root.ts';
import { runOnNode } from './node-run.ts';

/**
 * This machine as a node behind the SSM endpoint: scripts run as root on its kernel, in the node's private folders.
 * @param points where a trace looks on this node that is told to find that out by itself, as the document takes it
 */
export function kernelNode(root: NodeRoot, points = 'auto'): LocalNode {
  return {
    instanceId: `i-0${randomBytes(8).toString('hex')}`,
    tags: { 'conntrack-medic': 'enabled', ...DEMO_GROUP_TAGS },
    platform: { name: 'Linux', version: '', agentVersion: '3.3.3572.0' },
    ping: () => 'Online',
    run: async (document, _parameters, script) => {
      const name = `${document}-${randomBytes(4).toString('hex')}`;
      const { commandLine, remove } = await root.scriptCommand(
        name,
        script.replace("MEDIC_POINTS=${SSM_points-'auto'}", `MEDIC_POINTS=\${SSM_points-'${points}'}`),
      );
      try {
        return await runOnNode(commandLine);
      } finally {
        await remove();
      }
    },
  };
}
