import { growthWithCores } from '../plan/kube-proxy.ts';

/** What can be done on a platform that lets nobody change its nodes. */
interface ClosedPlatform {
  /** Its name, as the sentences on nodes that were not asked have it. */
  readonly name: string;
  readonly advice: readonly string[];
}

const PLATFORMS: readonly ClosedPlatform[] = [
  {
    name: 'EKS Auto Mode',
    advice: [
      'Its nodes have no Systems Manager, no SSH and a system that is not writable, and they are replaced within three weeks: there is no button, and a value set by hand would not last.',
      'To see: read the counters twice, ten seconds apart, in a privileged debug pod in the network of the host (`cat /proc/net/stat/nf_conntrack /proc/sys/net/netfilter/nf_conntrack_count /proc/sys/net/netfilter/nf_conntrack_max`), and give both to `medic diagnose`; or collect the logs with a NodeDiagnostic resource.',
      `To get a larger table: ask for larger instance types in the NodePool; ${growthWithCores()}.`,
      'To need a smaller one: keep-alive to upstreams, IP targets past the NodePort, more nodes for the same connections.',
    ],
  },
  {
    name: 'Fargate',
    advice: [
      'There is no node of yours: its limit can neither be read nor set, so there is no button.',
      'Give the pod more copies, so that each has fewer connections, and keep-alive to its upstreams; or move it to nodes of EC2, where the limit is yours.',
    ],
  },
];

/**
 * What the runbook says on nodes that could not be asked because their platform is closed.
 *
 * @param gaps sentences on nodes that were left out
 * @returns Markdown sections, nothing where no such node is among them
 */
export function closedPlatformAdvice(gaps: readonly string[]): string | undefined {
  const sections = PLATFORMS.filter(({ name }) => gaps.some((gap) => gap.includes(name))).map(
    ({ name, advice }) => `## What is possible on ${name}\n\n${advice.map((line) => `- ${line}`).join('\n')}`,
  );
  return sections.length === 0 ? undefined : sections.join('\n\n');
}
