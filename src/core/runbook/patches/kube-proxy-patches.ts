import { nameFor, type Patch, type PatchFacts } from './patch.ts';

/**
 * kube-proxy's own configuration, which beats its flags. The settings stand in a file inside of a ConfigMap, which no
 * patch of Kubernetes reaches into, so the lines are replaced and the rest is applied as it was.
 */
export function configMapPatch({ kubeProxy, isEks }: PatchFacts): Patch | undefined {
  if (kubeProxy === undefined) return undefined;
  const name = isEks ? 'kube-proxy-config' : 'kube-proxy';
  const { maxPerCore, min } = kubeProxy;
  const edits = [
    ...(maxPerCore === undefined ? [] : [`s/^( +)maxPerCore:.*/\\1maxPerCore: ${maxPerCore}/`]),
    `s/^( +)min:.*/\\1min: ${min}/`,
  ];
  return {
    title: "kube-proxy's configuration",
    note: `Every node of the cluster, smaller ones too, then gets at least ${kubeProxy.min} when kube-proxy starts; memory is taken only by entries that exist. The restart cuts no connection. If the last but one line does not show the new value, the ConfigMap has no such key: add it under conntrack by hand.`,
    language: 'sh',
    text: [
      `kubectl -n kube-system get configmap ${name} -o yaml \\`,
      `  | sed -E '${edits.join('; ')}' \\`,
      '  | kubectl apply -f -',
      `kubectl -n kube-system get configmap ${name} -o yaml | grep -E '^ +(maxPerCore|min): '`,
      'kubectl -n kube-system rollout restart daemonset kube-proxy',
    ].join('\n'),
  };
}

/** An update of the managed add-on writes its own ConfigMap again unless conflicts are preserved. */
export function addOnPatch(facts: PatchFacts): Patch | undefined {
  if (facts.kubeProxy === undefined || !facts.isEks) return undefined;
  const { conntrack } = addOnValues(facts);
  const cluster = nameFor(facts.cluster, 'cluster');
  const region = facts.region === undefined ? '' : ` --region ${nameFor(facts.region, 'region')}`;
  return {
    title: 'EKS add-on kube-proxy',
    note: 'Look first whether the schema of your add-on version has conntrack; if it has, this is the better place than the ConfigMap. If it has not, leave out --configuration-values: PRESERVE alone keeps the ConfigMap over updates. Configuration values that are there are printed and kept; where they are YAML the last command refuses, and both have to be put into one by hand.',
    language: 'sh',
    text: [
      `version=$(aws eks describe-addon --cluster-name ${cluster}${region} --addon-name kube-proxy --query addon.addonVersion --output text)`,
      `aws eks describe-addon-configuration${region} --addon-name kube-proxy --addon-version "$version" --query configurationSchema --output text | grep -o conntrack`,
      `now=$(aws eks describe-addon --cluster-name ${cluster}${region} --addon-name kube-proxy --query addon.configurationValues --output text)`,
      'echo "now: ${now:?}"',
      `values=$(echo "$now" | sed 's/^None$/{}/' | jq -c '. * ${JSON.stringify({ conntrack })}')`,
      `aws eks update-addon --cluster-name ${cluster}${region} --addon-name kube-proxy --resolve-conflicts PRESERVE \\`,
      '  --configuration-values "${values:?}"',
    ].join('\n'),
  };
}

/** The add-on's configuration values, where its schema takes them. */
function addOnValues({ kubeProxy }: Pick<PatchFacts, 'kubeProxy'>): {
  readonly conntrack: { readonly maxPerCore?: number; readonly min?: number };
} {
  const { maxPerCore, min } = kubeProxy ?? {};
  return {
    conntrack: {
      ...(maxPerCore === undefined ? {} : { maxPerCore }),
      ...(min === undefined ? {} : { min }),
    },
  };
}

/** The same for clusters that eksctl describes. */
export function eksctlPatch(facts: PatchFacts): Patch | undefined {
  if (facts.kubeProxy === undefined || !facts.isEks) return undefined;
  return {
    title: 'eksctl',
    note: 'For eksctl update addon -f FILE. Take configurationValues only where the schema has conntrack, see the EKS add-on.',
    language: 'yaml',
    text: [
      'apiVersion: eksctl.io/v1alpha5',
      'kind: ClusterConfig',
      'metadata:',
      `  name: ${quoted(nameFor(facts.cluster, 'cluster'))}`,
      `  region: ${quoted(nameFor(facts.region, 'region'))}`,
      'addons:',
      '  - name: kube-proxy',
      '    resolveConflicts: preserve',
      '    configurationValues: |-',
      `      ${JSON.stringify(addOnValues(facts))}`,
    ].join('\n'),
  };
}

/** YAML reads a bare 1e3 or 0123 as a number. */
const quoted = (name: string): string => JSON.stringify(name);
