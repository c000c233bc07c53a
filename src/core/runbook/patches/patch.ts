import type { KubeProxyChange } from '../../plan/kube-proxy.ts';

/** One change to a cluster's configuration that makes a raise last, ready to be pasted. */
export interface Patch {
  /** What is patched, as a heading: `kube-proxy's ConfigMap`. */
  readonly title: string;
  /** One or two sentences: what it does and what to mind. */
  readonly note: string;
  /** Language of the code block. */
  readonly language: 'sh' | 'yaml' | 'toml' | 'hcl' | 'typescript' | 'json' | 'text';
  readonly text: string;
}

/** What the patches are filled with. Names come from AWS tags: they are quoted wherever they stand in code. */
export interface PatchFacts {
  readonly max: number;
  readonly buckets: number;
  /** What kube-proxy has to be set to; absent where it does not undo the raise. */
  readonly kubeProxy: KubeProxyChange | undefined;
  readonly cluster: string | undefined;
  readonly region: string | undefined;
  readonly nodeGroup: string | undefined;
  readonly nodePool: string | undefined;
  readonly isBottlerocket: boolean;
  /** Whether the cluster is one of EKS, as far as kube-proxy's configuration and the node's tags say. */
  readonly isEks: boolean;
}

/** Stands where a name is not known, to be replaced by the reader. */
const PLACEHOLDER = 'REPLACE-ME';

/**
 * A name as it can stand in any of the languages without quoting; anything else, and a name that is not known, becomes a
 * placeholder. EKS cluster, node group and Kubernetes object names are of these characters anyway.
 */
export function nameFor(name: string | undefined, what: string): string {
  return name !== undefined && /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(name)
    ? name
    : `${PLACEHOLDER}-${what}`;
}
