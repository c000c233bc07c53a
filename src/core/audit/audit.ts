import type { NodeCollection } from '../record/collection.ts';
import type { IncidentHead, IncidentHistory } from '../record/incident.ts';
import type { JoinedAlarm } from '../record/joined/alarm.ts';
import type { Plan } from '../record/plan.ts';
import { sha256 } from '../sha256.ts';

/**
 * Everything that was read, decided, sent and seen for one incident (`medic.audit/1`). The callback id is left out: it is
 * a capability. Nothing else of the record is.
 */
export interface Audit
  extends Omit<
    IncidentHead,
    'schema' | 'id' | 'callback' | 'plan' | 'collection' | 'movedSteps' | 'movedRounds'
  > {
  readonly schema: 'medic.audit/1';
  readonly incident: string;
  /** Every collection of every node, with the address and the hash of its raw text and each rule's findings. */
  readonly collections: readonly NodeCollection[];
  /** Every plan that was on the card, oldest first. */
  readonly plans: readonly Plan[];
  /** Its own alarm and those that it has taken in, where there are several. */
  readonly alarms?: readonly JoinedAlarm[] | undefined;
  /** Hex SHA-256 over the canonical JSON of all the rest: the same record always gives the same one. */
  readonly digest: string;
}

/** Puts the audit of an incident together from everything that was stored of it. */
export function auditOf({ head, collections, plans, alarms }: IncidentHistory): Audit {
  const { schema: _schema, id, callback: _capability, plan, collection: _newest, ...rest } = head;
  const isKept = plan === undefined || plans.some(({ digest }) => digest === plan.digest);
  const audit = {
    schema: 'medic.audit/1' as const,
    incident: id,
    ...rest,
    collections,
    plans: isKept ? plans : [...plans, plan],
    ...(alarms === undefined ? {} : { alarms }),
  };
  return { ...audit, digest: sha256(canonicalJson(audit)) };
}

/** Whether the digest of an audit belongs to its content; false when either was changed. */
export function isUnchanged({ digest, ...rest }: Audit): boolean {
  return sha256(canonicalJson(rest)) === digest;
}

/** JSON with sorted keys and without spaces, so that a store that reorders keys does not change a digest. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
