import type { DemoNodes } from '../demo-nodes.ts';
import type { LocalNode } from '../ssm/local-node.ts';

/** What can go wrong in a demo, by the name that `--fault` takes, and when. */
export const DEMO_FAULTS = {
  'untagged-node': { at: 'start', says: 'a node lacks the tag that commands may be sent by' },
  'node-gone': { at: 'click', says: 'a node is gone between the plan and the click' },
} as const satisfies Record<string, { readonly at: 'start' | 'click'; readonly says: string }>;
export type DemoFault = keyof typeof DEMO_FAULTS;

/** The nodes of a demo of which one can be struck. */
export interface Strikeable {
  readonly nodes: DemoNodes;
  /** The node that it concerns. */
  readonly instanceId: string;
  /** From now on Systems Manager and IAM see the node as one that is gone, or that nobody has tagged. */
  strike(): void;
}

/** Makes the second node one that can be struck: the first one goes first, and shows that the others are healed. */
export function strikeable(nodes: DemoNodes): Strikeable {
  let isStruck = false;
  const [, second] = nodes.nodes;
  if (second === undefined) throw new Error('A node that is set aside needs another one beside it.');
  const struck: LocalNode = {
    instanceId: second.instanceId,
    platform: second.platform,
    get tags() {
      return isStruck ? {} : second.tags;
    },
    ping: () => second.ping(),
    run: (document, parameters, script) => second.run(document, parameters, script),
  };
  return {
    nodes: { ...nodes, nodes: nodes.nodes.map((node) => (node === second ? struck : node)) },
    instanceId: second.instanceId,
    strike: () => {
      isStruck = true;
    },
  };
}
