import type { DemoNodes } from '../../../local/demo-nodes.ts';
import type { LocalNode } from '../../../local/ssm/local-node.ts';

/** Nodes for a service that a test drives itself: without an alarm of their own and without a say in whether they are healed. */
export function nodesUnderTest(label: string, nodes: readonly LocalNode[]): DemoNodes {
  return {
    label,
    nodes,
    alarm: { name: 'unused', reason: '' },
    before: async () => [],
    evidenceOfHealing: async () => ({ healed: false, lines: [] }),
    close: async () => {},
  };
}
