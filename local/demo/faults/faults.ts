import type { DemoNodes } from '../../demo-nodes.ts';
import type { LocalNode } from '../../ssm/local-node.ts';

/** What can go wrong in a demo, by the name that `--fault` takes: with one of the nodes, or with what the functions work with. */
export const DEMO_FAULTS = {
  'untagged-node': { with: 'node', says: 'a node lacks the tag that commands may be sent by' },
  'node-gone': { with: 'node', says: 'a node is gone between the plan and the click' },
  'slack-away': { with: 'service', says: 'Slack is away for a minute from the alarm' },
  'slack-function-killed': {
    with: 'service',
    says: 'the function that takes the click is killed once it has stored the decision',
  },
  'store-away': {
    with: 'service',
    says: 'the table of the records is away for a minute from when a change is sent',
  },
} as const satisfies Record<string, { readonly with: 'node' | 'service'; readonly says: string }>;
export type DemoFault = keyof typeof DEMO_FAULTS;

/** Those that concern one of the nodes. */
export type NodeFault = {
  [F in DemoFault]: (typeof DEMO_FAULTS)[F]['with'] extends 'node' ? F : never;
}[DemoFault];

/** Whether one of the nodes is what it concerns. */
export const isOfNode = (fault: DemoFault): fault is NodeFault => DEMO_FAULTS[fault].with === 'node';

/**
 * Reads what `--fault` was given.
 * @param before what it was given before, on the same line
 * @throws one sentence for what is no fault, and for a second one
 */
export function readFault(name: string, before?: DemoFault): DemoFault {
  if (before !== undefined) throw new Error(`one fault at a time: ${before} or ${name}`);
  if (!Object.hasOwn(DEMO_FAULTS, name))
    throw new Error(`there is no such fault; there are ${Object.keys(DEMO_FAULTS).join(', ')}`);
  return name as DemoFault;
}

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
