/** One thing that stands for nodes: what an alarm's dimensions, its tag or the operator's mapping names. */
export type NodeSelector =
  /** EC2's `i-…`, or `mi-…` of a machine that Systems Manager manages elsewhere. */
  | { readonly kind: 'instance'; readonly instanceId: string }
  /** Name of a Kubernetes node: on EKS the instance's private DNS name or its id. */
  | { readonly kind: 'node-name'; readonly name: string }
  /** Private address of a machine or of a pod on it. */
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'auto-scaling-group'; readonly name: string }
  /** Name of an EKS cluster, or of one that marks its instances with `kubernetes.io/cluster/NAME`. */
  | { readonly kind: 'cluster'; readonly name: string }
  /** Last part of its ARN, as the metrics' dimension has it: `app/NAME/ID` or `net/NAME/ID`. */
  | { readonly kind: 'load-balancer'; readonly id: string }
  /** Last part of its ARN: `targetgroup/NAME/ID`. */
  | { readonly kind: 'target-group'; readonly id: string }
  /** Instances that carry this tag. */
  | { readonly kind: 'tag'; readonly key: string; readonly value: string };

/** An instance id of EC2 or of Systems Manager. */
export const INSTANCE_ID = /^m?i-[0-9a-f]{8,17}$/;
/** `targetgroup/NAME/ID`. */
export const TARGET_GROUP = /^targetgroup\/[a-zA-Z0-9-]{1,32}\/[0-9a-f]{16}$/;
/** `app/NAME/ID` and `net/NAME/ID`; a gateway load balancer has no targets that serve requests. */
export const LOAD_BALANCER = /^(app|net)\/[a-zA-Z0-9-]{1,32}\/[0-9a-f]{16}$/;

/** What a selector stands for, for a sentence. */
export function selectorPhrase(selector: NodeSelector): string {
  switch (selector.kind) {
    case 'instance':
      return `instance ${selector.instanceId}`;
    case 'node-name':
      return `node ${selector.name}`;
    case 'address':
      return `address ${selector.address}`;
    case 'auto-scaling-group':
      return `Auto Scaling group ${selector.name}`;
    case 'cluster':
      return `cluster ${selector.name}`;
    case 'load-balancer':
      return `load balancer ${selector.id}`;
    case 'target-group':
      return selector.id;
    case 'tag':
      return `tag ${selector.key}=${selector.value}`;
  }
}

/** Each selector once, in the order in which they first came. */
export function distinctSelectors<T extends NodeSelector>(selectors: readonly T[]): readonly T[] {
  return [...new Map(selectors.map((selector) => [JSON.stringify(selector), selector])).values()];
}
