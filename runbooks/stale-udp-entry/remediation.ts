import type { UdpBackend } from '../../src/core/parse/entries/facts.ts';
import { defineRemediation } from '../../src/core/plan/remediation.ts';
import type { NodePlan, PlanOf } from '../../src/core/record/plan.ts';
import { valueOf } from '../../src/core/snapshot/fact.ts';
import { counted, show } from '../../src/core/words.ts';
import { staleFlows } from './stale-flows.ts';

/** The node refuses to delete more entries than this at once (nodes/delete-udp-entry.sh). */
const MOST_ENTRIES = 1_000;

/**
 * The entries of one UDP service that go to one backend that is gone are deleted; the next packet of each flow makes a new
 * entry by the rules of now. Nothing else of the table is touched.
 */
export default defineRemediation({
  kind: 'delete-udp-entries',
  plan(snapshot, instanceId) {
    const facts = valueOf(snapshot.entries);
    const stale = facts && staleFlows(snapshot, facts.udpBackends)?.stale;
    if (facts === undefined || stale === undefined)
      return 'The entries or the rules were not read, so it is not known which entries to delete.';
    const groups = groupsOf(stale);
    const [worst, ...others] = groups;
    if (worst === undefined) return 'The address of the service was not read, so no entry can be named.';
    const about = Math.max(1, Math.round(worst.share * facts.total));
    if (about > MOST_ENTRIES)
      return `About ${counted(about, 'entry')} go to ${worst.target}, more than the ${show(MOST_ENTRIES)} that one click deletes: restart kube-proxy on the node instead.`;
    const { destination, port, target } = worst;
    return {
      kind: 'delete-udp-entries',
      instanceId,
      destination,
      port,
      target,
      arithmetic: [
        `about ${counted(about, 'UDP entry')} to ${destination} port ${port} ${about === 1 ? 'goes' : 'go'} to ${target}, which no rule names`,
      ],
      layers: [],
      warnings:
        others.length === 0
          ? []
          : [
              `${counted(others.length, 'more dead backend')} are left for clicks of their own: ${namesOf(others)}.`,
            ],
    };
  },
  why: ({ destination, port, target }) =>
    `Without the entries to ${target}, the next packets to ${destination} port ${port} go to a live backend.`,
  verify(plan, { diagnosis, plan: next }) {
    const { destination, port, target } = plan;
    const finding = diagnosis.findings.find(({ mode }) => mode === 'stale-udp-entry');
    if (finding === undefined || finding.state === 'unknown')
      return {
        passed: false,
        why: 'the entries or the rules could not be read, so the deletion is not verified.',
      };
    if (finding.state === 'present' && (next === undefined || isSame(plan, next)))
      return {
        passed: false,
        why: `flows to ${destination} port ${port} still go to ${target}: a rule may still name it.`,
      };
    return { passed: true, why: `no flow in use to ${destination} port ${port} goes to ${target} any more.` };
  },
});

interface Group {
  readonly destination: string;
  readonly port: number;
  readonly target: string;
  readonly share: number;
}

/** Flows of one service to one backend together, whatever their ports there, the most flows first. */
function groupsOf(flows: readonly UdpBackend[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { service, servicePort: port, backend: target, share } of flows) {
    if (service === undefined) continue;
    const key = `${service} ${port} ${target}`;
    groups.set(key, { destination: service, port, target, share: share + (groups.get(key)?.share ?? 0) });
  }
  return [...groups.values()].sort((a, b) => b.share - a.share);
}

function namesOf(groups: readonly Group[]): string {
  return groups.map(({ destination, port, target }) => `${destination} port ${port} to ${target}`).join(', ');
}

/** While flows of the same service to the same backend are in use, the deletion has not helped. */
function isSame(plan: PlanOf<'delete-udp-entries'>, next: NodePlan): boolean {
  if (next.kind !== plan.kind) return true;
  return next.destination === plan.destination && next.port === plan.port && next.target === plan.target;
}
