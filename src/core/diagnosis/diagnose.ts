import { BrokenCatalogueError } from '../errors.ts';
import type { Diagnosis, Finding } from '../record/diagnosis.ts';
import type { NodePlan } from '../record/plan.ts';
import { valueOf } from '../snapshot/fact.ts';
import { READ_ONCE } from '../snapshot/interfaces.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { counted, firstOf } from '../words.ts';
import { isShare } from './ena.ts';
import { offerFor, type RankedMatch } from './offer.ts';
import type { Catalogue, Results, Signature, SignatureResult } from './signature.ts';
import { staleOpensGap } from './stale-opens.ts';

/** A diagnosis and, where a change is offered, the plan behind the offer. */
export interface DiagnosedNode {
  readonly diagnosis: Diagnosis;
  readonly plan: NodePlan | undefined;
}

/**
 * Evaluates every signature over one snapshot and ranks what matched: packets being lost now beat pressure, then the
 * catalogue's order decides. Pure; the last signature of the catalogue must match when nothing else does.
 *
 * @throws BrokenCatalogueError when no signature of the catalogue matches
 */
export function diagnose(snapshot: Snapshot, catalogue: Catalogue, instanceId: string): DiagnosedNode {
  const results = evaluateAll(snapshot, catalogue);
  const matches = rank(catalogue, results);
  const [primary, ...others] = matches;
  if (primary === undefined)
    throw new BrokenCatalogueError('No signature of the catalogue matches: it lacks a concluding one.');
  const { offer, plan } = offerFor(primary, others, snapshot, instanceId);
  const diagnosis: Diagnosis = {
    schema: 'medic.diagnosis/1',
    verdict: primary.signature.id,
    impact: primary.match.impact,
    confidence: primary.match.confidence,
    contributing: others.map(({ signature }) => signature.id),
    offer,
    findings: catalogue.map((signature) => findingOf(signature, results.get(signature.id))),
    gaps: [...decisiveGaps(snapshot), ...snapshot.gaps, ...factGaps(snapshot)],
    headline: primary.match.headline,
  };
  return { diagnosis, plan };
}

function evaluateAll(snapshot: Snapshot, catalogue: Catalogue): Results {
  const results = new Map<string, SignatureResult>();
  for (const { id, evaluate } of catalogue) if (evaluate !== undefined) results.set(id, evaluate(snapshot));
  for (const { id, conclude } of catalogue)
    if (conclude !== undefined) results.set(id, conclude(snapshot, new Map(results)));
  return results;
}

function rank(catalogue: Catalogue, results: Results): readonly RankedMatch[] {
  const matches = catalogue.flatMap((signature) => {
    const match = results.get(signature.id);
    return match?.state === 'match' ? [{ signature, match }] : [];
  });
  const weight = ({ match }: RankedMatch) => (match.impact === 'drops' ? 0 : 1);
  return weighAgainstEc2(matches.toSorted((a, b) => weight(a) - weight(b)));
}

/**
 * Between connection tracking and EC2's limits the share of the lost packets decides, not the catalogue: a mode of the
 * node leads if it lost at least a tenth of what it and EC2 dropped together, otherwise the EC2 limit that dropped most
 * leads. A few packets of the node's own do not explain an outage next to thousands that never reached it, and a few of
 * EC2's tick on healthy instances. The other matches keep their order, and so does the whole list where either side has
 * no count. Who leads never brings the button back: that an EC2 limit forbids the raise is said by its own match.
 */
function weighAgainstEc2(matches: readonly RankedMatch[]): readonly RankedMatch[] {
  const losing = matches.filter(({ match }) => match.impact === 'drops' && (match.lost?.packets ?? 0n) > 0n);
  const packets = ({ match }: RankedMatch) => match.lost?.packets ?? 0n;
  const outside = losing.filter(({ match }) => match.lost?.by === 'ec2');
  const dropped = outside.reduce((sum, one) => sum + packets(one), 0n);
  const own = losing.find(({ match }) => match.lost?.by === 'node' && isShare(match.lost.packets, dropped));
  const leader = own ?? outside.toSorted((a, b) => Number(packets(b) - packets(a)))[0];
  const [first] = matches;
  if (first?.match.lost === undefined || leader === undefined || outside.length === 0) return matches;
  return [leader, ...matches.filter((one) => one !== leader)];
}

const STATES = { match: 'present', 'no-match': 'absent', undetermined: 'unknown' } as const;

function findingOf({ id }: Signature, result: SignatureResult | undefined): Finding {
  if (result === undefined) return { mode: id, state: 'unknown', because: [], missing: ['not evaluated'] };
  const finding = { mode: id, state: STATES[result.state], because: [...result.evidence] };
  return result.state === 'undetermined' ? { ...finding, missing: [...result.missing] } : finding;
}

/** What takes the ground from under everything that counters say; it stands first, where not all gaps have room. */
function decisiveGaps({ windowSeconds, identity }: Snapshot): readonly string[] {
  return [
    ...(identity.isInitialNetns.known && !identity.isInitialNetns.value
      ? ["the collector ran in a network namespace of its own → the node's own table was not seen"]
      : []),
    ...(windowSeconds.known ? [] : [`${windowSeconds.why} → nothing can be said about now from counters`]),
  ];
}

/** Facts that are unknown although every section was there: pods, entries, unreadable numbers. */
function factGaps(snapshot: Snapshot): string[] {
  const { windowSeconds, podProtocol, ena, entries, kubeProxy } = snapshot;
  const gaps: string[] = [];
  if (windowSeconds.known && !podProtocol.known)
    gaps.push(`${podProtocol.why} → a full accept queue in a pod would not be seen`);
  if (snapshot.unreadPods > 0)
    gaps.push(
      `listen queues of ${counted(snapshot.unreadPods, 'namespace or process', 'namespaces or processes')}: not read → a full accept queue there would not be seen`,
    );
  if (windowSeconds.known && !entries.known)
    gaps.push(`${entries.why} → what fills the table and stale UDP flows would not be seen`);
  if (!ena.known && ena.kind === 'unknown' && !snapshot.gaps.some((gap) => gap.startsWith('ethtool'))) {
    const open =
      ena.why === READ_ONCE ? 'whether EC2’s limits are exceeded now is unknown' : 'ENA limits unknown';
    gaps.push(`${ena.why} → ${open}`);
  }
  if (snapshot.origin === 'node' && !kubeProxy.known)
    gaps.push(`${kubeProxy.why} → whether kube-proxy runs here, and undoes a change, is unknown`);
  const unread = valueOf(snapshot.persistence)?.unread ?? [];
  if (unread.length > 0)
    gaps.push(
      `${firstOf(unread, 2).join(', ')}: no plain file of a sane size → what it sets at boot is unknown`,
    );
  const staleOpens = staleOpensGap(snapshot);
  if (staleOpens !== undefined) gaps.push(staleOpens);
  return gaps;
}
