import { messageOf, RecordRefusedError } from '../errors.ts';
import type { AssociationCommands, Clock, DecisionProof, IncidentStore } from '../ports.ts';
import { type Association, isLive } from '../record/association.ts';
import type { IncidentHead } from '../record/incident.ts';
import { decisionLifeOver } from '../remediation/decision-life.ts';
import { refuseOtherDecision, refuseUnproven } from '../remediation/proven.ts';
import { keepDigest } from './keep-on-group.ts';

/** What was sent can arrive for no longer than the function lives that sends it: a quarter of an hour, Lambda's longest. */
export const MAY_ARRIVE_SECONDS = 900;

/** What creating and deleting an association needs. */
export interface AssociationPorts {
  readonly store: IncidentStore;
  readonly associations: AssociationCommands;
  readonly proof: DecisionProof;
  readonly clock: Clock;
  readonly approvers: readonly string[];
  /** For how long after a click its first command may be sent. */
  readonly decisionLifeSeconds: number;
}

/** Outcomes are in the record; this only says whether it came to the end that was wanted, or why not. */
export type AssociationAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Creates the association that the newest decision ordered, at most once, and only as it was offered to who clicked. Of one that
 * was sent before by a function that has died, it finds out whether it exists.
 */
export async function createAssociation(
  ports: AssociationPorts,
  id: string,
  decision: number,
  nonce: string,
): Promise<AssociationAnswer> {
  const { store, associations, approvers, proof } = ports;
  const before = await store.head(id);
  if (before === undefined)
    return { kind: 'refused', why: `${id} is not in the table, so nothing was sent.` };
  if (before.association?.decision === decision && before.association.state === 'sent')
    return await settle(ports, before, before.association);
  const why =
    refuseOrder(before, decision, 'keep', approvers) ?? (await refuseUnproven(proof, id, before, decision));
  if (why !== undefined) return { kind: 'refused', why };
  const over = refuseOld(ports, before, decision);
  if (over !== undefined) {
    // Nothing was sent and nothing will be: the card says so instead of going on to say that it is being kept.
    await store.update(id, (head) =>
      head.association?.decision === decision && head.association.state === 'ordered'
        ? changed(ports, head, { state: 'refused', detail: over })
        : head,
    );
    return { kind: 'refused', why: over };
  }
  const claimed = await store.update(id, (head) => {
    const { association } = head;
    const refusal =
      refuseOrder(head, decision, 'keep', approvers) ?? refuseOtherDecision(before, head, decision);
    if (refusal !== undefined) return refusal;
    if (head.state !== 'resolved' || association?.decision !== decision || association.state !== 'ordered')
      return `The association of ${id} was sent before or is not ordered, so nothing was sent.`;
    if (keepDigest({ ...association, name: association.group }) !== head.decisions.at(-1)?.planDigest)
      return `The association of ${id} is not the one that was approved, so nothing was sent.`;
    return changed(ports, head, { state: 'sent' });
  });
  if (!claimed.ok) return { kind: 'refused', why: claimed.refusal };
  const { association } = claimed.head;
  if (association === undefined) return { kind: 'refused', why: `${id} has no association ordered.` };
  const { tags, max, buckets } = association;
  const created = await associations.create({ incidentId: id, nonce, tags, max, buckets });
  const news: Partial<Association> =
    created.kind === 'created'
      ? {
          state: 'in-force',
          associationId: created.associationId,
          documentHash: created.documentHash,
          documentVersion: created.documentVersion,
        }
      : { state: created.kind, detail: created.why };
  const finished = await store.update(id, (head) => changed(ports, head, news));
  if (!finished.ok) throw new RecordRefusedError(finished.refusal);
  return created.kind === 'created' ? { kind: 'done' } : { kind: 'refused', why: created.why };
}

/** Whoever has sent it is not there to say what came of it: State Manager is asked, and nothing is sent again. */
async function settle(
  ports: AssociationPorts,
  { id }: IncidentHead,
  { decision, changedAt, claimedAt }: Association,
): Promise<AssociationAnswer> {
  const { store, associations, clock } = ports;
  let associationId: string | undefined;
  try {
    [associationId] = await associations.find(id);
  } catch (error) {
    return { kind: 'refused', why: `It was sent, and nobody knows what came of it (${messageOf(error)}).` };
  }
  const isOver = clock.now() - Date.parse(changedAt ?? claimedAt) >= MAY_ARRIVE_SECONDS * 1000;
  if (associationId === undefined && !isOver)
    return {
      kind: 'refused',
      why: 'It was sent, and State Manager does not have it yet; it is asked again.',
    };
  const news: Partial<Association> =
    associationId === undefined
      ? { state: 'refused', detail: 'It was sent and never came into being; order it again.' }
      : { state: 'in-force', associationId };
  const settled = await store.update(id, (head) =>
    head.association?.decision === decision && head.association.state === 'sent'
      ? changed(ports, head, news)
      : head,
  );
  if (!settled.ok) throw new RecordRefusedError(settled.refusal);
  const { association } = settled.head;
  return association?.state === 'in-force'
    ? { kind: 'done' }
    : { kind: 'refused', why: association?.detail ?? 'It was not created.' };
}

/**
 * Deletes what may exist of an incident's association before its nodes are rolled back, and looks whether it is gone: a
 * rollback under a live association would be undone by it.
 */
export async function deleteAssociation(
  ports: AssociationPorts,
  id: string,
  decision: number,
): Promise<AssociationAnswer> {
  const { store, associations, approvers, proof } = ports;
  const head = await store.head(id);
  if (head === undefined)
    return { kind: 'refused', why: `${id} is not in the table, so nothing was deleted.` };
  const refusal =
    refuseOrder(head, decision, 'rollback', approvers) ??
    (head.state === 'rolling-back' ? undefined : `${id} is ${head.state}, so nothing was deleted.`) ??
    (await refuseUnproven(proof, id, head, decision)) ??
    refuseOld(ports, head, decision);
  if (refusal !== undefined) return { kind: 'refused', why: refusal };
  if (!isLive(head.association)) return { kind: 'done' };
  try {
    for (const associationId of await associations.find(id)) await associations.delete(associationId);
    const left = await associations.find(id);
    if (left.length > 0) return notDeleted(head, `${left.join(', ')} still exists`);
  } catch (error) {
    return notDeleted(head, messageOf(error));
  }
  const finished = await store.update(id, (now) => changed(ports, now, { state: 'deleted' }));
  if (!finished.ok) throw new RecordRefusedError(finished.refusal);
  return { kind: 'done' };
}

function notDeleted({ association }: IncidentHead, cause: string): AssociationAnswer {
  const why = `The association for ${association?.group} could not be deleted (${cause}), so no node was rolled back: it would raise them again. Delete it in State Manager, then roll back.`;
  return { kind: 'refused', why };
}

function refuseOrder(
  { id, decisions }: IncidentHead,
  number: number,
  kind: 'keep' | 'rollback',
  approvers: readonly string[],
): string | undefined {
  const decision = decisions.at(-1);
  if (decision?.number !== number || decision.kind !== kind)
    return `Decision ${number} is not the newest of ${id} or allows no ${kind}, so nothing was sent.`;
  const { actor } = decision;
  return actor.kind === 'slack-user' && approvers.includes(actor.id)
    ? undefined
    : `Decision ${number} was not made by an approver in MEDIC_APPROVERS, so nothing was sent.`;
}

const refuseOld = (
  { clock, decisionLifeSeconds: lifeSeconds }: AssociationPorts,
  head: IncidentHead,
  decision: number,
): string | undefined => decisionLifeOver(head, decision, { now: clock.now(), lifeSeconds })?.why;

function changed({ clock }: AssociationPorts, head: IncidentHead, news: Partial<Association>): IncidentHead {
  const { association } = head;
  if (association === undefined) return head;
  const changedAt = new Date(clock.now()).toISOString();
  return { ...head, association: { ...association, ...news, changedAt } };
}
