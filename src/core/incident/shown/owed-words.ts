import type { IncidentHead } from '../../record/incident.ts';
import { NOTE_MAX_CHARS, type SideRecord } from '../../record/said/missing.ts';
import { pauseAfter } from './card-view.ts';

/** Words beside the card that can still be said later, because the record has all that they say. */
const CAN_COME_LATE: ReadonlySet<SideRecord> = new Set(['runbook', 'lasting']);
/** Words that came so much later would be news to nobody. */
const GIVEN_UP_MS = 24 * 3_600_000;
/** Longest error that is kept of a side record, in characters. */
const WHY_CHARS = 300;
/** Missing notes that are kept, the newest: each is a line or two, and an incident has a handful. */
const NOTES_MOST = 10;

type Missing = NonNullable<IncidentHead['missing']>[number];

/** What a note says by what the record says then; nothing where there is nothing to say. */
export type TextOf = (head: IncidentHead) => string | undefined;

/** A side record that could not be made. */
export interface Miss {
  readonly what: SideRecord;
  readonly why: string;
  /** By which key it was tried to be said, where it is words. */
  readonly key?: string | undefined;
  /** What it was to say, where that is a note. */
  readonly text?: string | undefined;
}

/** Words that are missing, and owed until they were said. */
export interface OwedWords {
  readonly what: SideRecord;
  readonly key: string;
  /** Milliseconds since the Unix epoch, as the next one. */
  readonly since: number;
  readonly nextAt: number;
  /** What is to be said; absent where the record tells it. */
  readonly text?: string;
}

/** Stands in the place of a reason while whoever owes words may be about to say them. */
const NOT_TRIED = 'Nobody has tried to say it yet.';
/** For how long that one is not taken for dead, in ms: far longer than a post takes, with the card before it. */
const SAYING_MS = 2 * 60_000;

/** Takes down a note that whoever writes this is about to say, for the reconciler to say it should that one die. */
export const toSay = (
  head: IncidentHead,
  note: Required<Pick<Miss, 'what' | 'key' | 'text'>>,
  now: number,
): IncidentHead => missed(head, { ...note, why: NOT_TRIED }, now, now + SAYING_MS);

/** What is missing and not just about to be said. */
export const trulyMissing = ({ missing = [] }: Pick<IncidentHead, 'missing'>): readonly Missing[] =>
  missing.filter(({ why }) => why !== NOT_TRIED);

/**
 * Notes a side record as missing, in place of an earlier one of its kind; each note is one by itself.
 * @param nextAt from when on the reconciler says words that can be said later, as `now` in milliseconds since the Unix epoch
 */
export function missed(
  head: IncidentHead,
  { what, why, key, text }: Miss,
  now: number,
  nextAt: number = now,
): IncidentHead {
  const { missing = [] } = head;
  const owed = key === undefined ? undefined : { key, since: now, nextAt };
  const one: Missing = {
    what,
    why: why.slice(0, WHY_CHARS),
    ...(owed !== undefined && CAN_COME_LATE.has(what) && { owed }),
    ...(owed !== undefined &&
      text !== undefined && { owedNote: { ...owed, text: text.slice(0, NOTE_MAX_CHARS) } }),
  };
  const isReplaced = (other: Missing) =>
    other.what === what && (what !== 'note' || (key !== undefined && other.owedNote?.key === key));
  const all = [...missing.filter((other) => !isReplaced(other)), one];
  const notes = all.filter((other) => other.what === 'note');
  const tooOld = new Set(notes.slice(0, Math.max(0, notes.length - NOTES_MOST)));
  return { ...head, missing: all.filter((other) => !tooOld.has(other)) };
}

/** What is made now is not missing any more. A note says nothing of the others. */
export function made(head: IncidentHead, what: SideRecord): IncidentHead {
  const { missing = [] } = head;
  const left = what === 'note' ? missing : missing.filter((one) => one.what !== what);
  return left.length === missing.length ? head : { ...head, missing: left };
}

/** The words of an incident that are still to be said, whenever that may be, in the order in which they are missing. */
export const owedWords = ({ missing = [] }: Pick<IncidentHead, 'missing'>): readonly OwedWords[] =>
  missing.flatMap(({ what, owed, owedNote }) => {
    const words = owed ?? owedNote;
    return words === undefined ? [] : [{ what, ...words }];
  });

/** The words were said. */
export const wordsSaid = (head: IncidentHead, words: Pick<OwedWords, 'what' | 'key'>): IncidentHead =>
  head.missing?.some((one) => isOf(one, words)) === true
    ? { ...head, missing: head.missing.filter((one) => !isOf(one, words)) }
    : head;

/**
 * The words could not be said once more: they are tried again after pauses that grow, and after a day never, so that they stay
 * missing.
 * @param waitSeconds for how long the channel wants not to be asked; 0 where it has not said so
 */
export const wordsNotSaid = (
  head: IncidentHead,
  words: OwedWords,
  now: number,
  waitSeconds: number,
): IncidentHead => ({
  ...head,
  missing:
    head.missing?.map((one) => {
      if (!isOf(one, words)) return one;
      const { owed, owedNote, ...unsayable } = one;
      if (now - words.since > GIVEN_UP_MS) return unsayable;
      const nextAt = now + pauseAfter(words.since, now, waitSeconds);
      return {
        ...unsayable,
        ...(owed && { owed: { ...owed, nextAt } }),
        ...(owedNote && { owedNote: { ...owedNote, nextAt } }),
      };
    }) ?? [],
});

const isOf = ({ what, owed, owedNote }: Missing, words: Pick<OwedWords, 'what' | 'key'>): boolean =>
  what === words.what && (owed ?? owedNote)?.key === words.key;
