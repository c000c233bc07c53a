import { isOfLimit } from '../plan/kinds.ts';
import { type Association, isLive } from '../record/association.ts';
import type { IncidentHead, IncidentNode, Remediation } from '../record/incident.ts';
import { placeOfNodes } from '../record/place.ts';
import { standingChanges } from '../remediation/drift.ts';
import { groupOfNode, type NodeGroup } from '../remediation/node-group.ts';
import { changedStates, isVerified } from '../remediation/steps.ts';
import { sha256 } from '../sha256.ts';
import { counted, show, withoutStop } from '../words.ts';

/** What "keep it on every node of this group" would do. */
export interface KeepOffer extends NodeGroup {
  readonly max: number;
  readonly buckets: number;
}

/** How long an association counts as being created after it was ordered. */
const CREATING_MS = 120_000;

/** How much more than it had before our first change a node takes without a plan of its own: nodes/raise.sh, `check_first`. */
const KEPT_TIMES_AT_MOST = 4;

/**
 * What can be kept on a whole group: the largest of the approved limits of the verified raises, as its template is to give
 * them, where all raised nodes are of one known group and take that much, a later look found nothing that speaks against it
 * and nothing is kept yet.
 * @returns one sentence on why not, instead
 */
export function keepOffer(head: IncidentHead): KeepOffer | string {
  const { state, nodes, drift = [], association } = head;
  if (state !== 'resolved') return `The incident is ${state}, so there is no verified raise to keep.`;
  if (association !== undefined && isLive(association))
    return `It is kept on ${association.group} already (${association.state}).`;
  if (changedStates(head).some(({ rollback }) => rollback !== undefined))
    return 'A rollback was ordered that is not done on every node, so nothing is kept.';
  const standing = standingChanges(head);
  const raises = changedStates(head).flatMap(({ changes }) =>
    changes.filter((step) => isOfLimit(step.kind) && isVerified(step)),
  );
  if (raises.length === 0)
    return 'No raise of nf_conntrack_max stands verified on any node, so there is nothing to keep.';
  const approved = raises.flatMap((raise) => (raise.approved === undefined ? [] : [raise.approved]));
  if (approved.length < raises.length)
    return 'The record does not hold the approved numbers of every raised node, so there is nothing to keep.';
  const differing = raises.map(differenceOf).find((why) => why !== undefined);
  if (differing !== undefined) return differing;
  const found = drift.at(-1)?.nodes.find((node) => node.state === 'moved' || node.state === 'refilled');
  if (found !== undefined) return found.why;
  if (placeOfNodes(head, standing) !== undefined)
    return 'The raised nodes are in another account or region than the service, which keeps nothing there; set it in their node group.';
  const isStanding = new Set(standing);
  const group = groupOf(nodes.filter(({ instanceId }) => isStanding.has(instanceId)));
  if (group === undefined)
    return 'The raised nodes are not of one known node group, so there is no group to keep it on.';
  const max = Math.max(...approved.map((one) => one.max));
  const tooSmall = raises.find((raise) => (raise.max?.before ?? max) * KEPT_TIMES_AT_MOST < max);
  if (tooSmall !== undefined)
    return `${tooSmall.instanceId} had a limit of ${show(tooSmall.max?.before ?? 0)} and takes at most ${KEPT_TIMES_AT_MOST} times that, less than the ${show(max)} that another node of ${group.name} needs, so nothing is kept; set it in the node template.`;
  return {
    ...group,
    max,
    // A plan may give a node many more buckets than it had; a node of the group takes at most so many times its own.
    buckets: Math.min(
      Math.max(...approved.map(({ buckets }) => buckets)),
      ...approved.map(({ bucketsFrom }) => bucketsFrom * KEPT_TIMES_AT_MOST),
    ),
  };
}

/**
 * The digest that a click on an offer must name, 32 hex digits like a plan's: it covers the group and every number that
 * would be sent.
 */
export function keepDigest({ name, tags, max, buckets }: KeepOffer): string {
  const covered = JSON.stringify([name, tags.map(({ key, value }) => [key, value]), max, buckets]);
  return sha256(covered).slice(0, 32);
}

/** What a node says can only take the offer away: its numbers are compared with the approved ones and never used. */
function differenceOf({ instanceId, approved, max, buckets }: Remediation): string | undefined {
  if (approved === undefined) return undefined;
  if (max !== undefined && max.after !== approved.max)
    return `${instanceId} reported nf_conntrack_max ${show(max.after)} instead of the approved ${show(approved.max)}, so there is nothing to keep.`;
  if (buckets !== undefined && buckets.after !== approved.buckets)
    return `${instanceId} reported ${counted(buckets.after, 'bucket')} instead of the approved ${show(approved.buckets)}, so there is nothing to keep.`;
  return undefined;
}

/** Writes the order to create the association into the record, or says why not. */
export function orderAssociation(head: IncidentHead, decision: number, at: string): IncidentHead | string {
  const offer = keepOffer(head);
  if (typeof offer === 'string') return `${withoutStop(offer)}. Nothing was changed.`;
  const { name: group, tags, max, buckets } = offer;
  const association: Association = {
    decision,
    group,
    tags: [...tags],
    max,
    buckets,
    claimedAt: at,
    state: 'ordered',
  };
  return { ...head, association };
}

/** Why a rollback has to wait: an association that is being created now could not be found and deleted yet. */
export function refuseWhileCreating({ association }: IncidentHead, now: number): string | undefined {
  if (association === undefined || (association.state !== 'ordered' && association.state !== 'sent'))
    return undefined;
  if (now - Date.parse(association.claimedAt) > CREATING_MS) return undefined;
  return `The association for ${association.group} is being created, so nothing was rolled back; try again in two minutes.`;
}

/** The one group that all the given nodes belong to; nothing when it is not known or they are of several. */
function groupOf(nodes: readonly IncidentNode[]): NodeGroup | undefined {
  const groups = nodes.map(groupOfNode);
  const [first] = groups;
  return groups.every((group) => group?.name === first?.name) ? first : undefined;
}
