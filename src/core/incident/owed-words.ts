import type { IncidentHead, SideRecord } from '../record/incident.ts';
import { pauseAfter } from './card-view.ts';

/** Words beside the card that can still be said later, because the record has all that they say. */
const CAN_COME_LATE: ReadonlySet<SideRecord> = new Set(['runbook', 'lasting']);
/** Words that came so much later would be news to nobody. */
const GIVEN_UP_MS = 24 * 3_600_000;

type Missing = NonNullable<IncidentHead['missing']>[number];
/** A side record that is missing, and owed until it was said. */
export type OwedWords = Missing & { readonly owed: NonNullable<Missing['owed']> };

/** How words are owed that could not be said: by which key, so that what was said of them is found. */
export const owedAs = (what: SideRecord, key: string, now: number): Missing['owed'] =>
  CAN_COME_LATE.has(what) ? { key, since: now, nextAt: now } : undefined;

/** The words of an incident that are still to be said, whenever that may be. */
export const owedWords = ({ missing = [] }: Pick<IncidentHead, 'missing'>): readonly OwedWords[] =>
  missing.filter((one): one is OwedWords => one.owed !== undefined);

/** The words were said. */
export const wordsSaid = (head: IncidentHead, { what, owed: { key } }: OwedWords): IncidentHead => ({
  ...head,
  missing: head.missing?.filter((one) => one.what !== what || one.owed?.key !== key) ?? [],
});

/**
 * The words could not be said once more: they are tried again after pauses that grow, and after a day never, so that they stay
 * missing.
 * @param waitSeconds for how long the channel wants not to be asked; 0 where it has not said so
 */
export const wordsNotSaid = (
  head: IncidentHead,
  { what, owed: { key } }: OwedWords,
  now: number,
  waitSeconds: number,
): IncidentHead => ({
  ...head,
  missing:
    head.missing?.map((one) => {
      if (one.what !== what || one.owed?.key !== key) return one;
      const { owed, ...unsayable } = one;
      if (now - owed.since > GIVEN_UP_MS) return unsayable;
      return { ...one, owed: { ...owed, nextAt: now + pauseAfter(owed.since, now, waitSeconds) } };
    }) ?? [],
});
