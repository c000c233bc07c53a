import type { CardView } from '../../record/card-view.ts';
import type { IncidentHead } from '../../record/incident.ts';
import { isClosed } from '../../record/transitions.ts';

/** Who has changed the record draws the card right after it, so nobody else has to for so long. */
const GRACE_MS = 15_000;
/** A card that has been owed for four minutes is tried again after one: the pauses grow with the outage, up to the longest. */
const PAUSE_PART = 4;
const LONGEST_PAUSE_MS = 15 * 60_000;
/** A channel that has taken no card for so long is one that nobody will read it in. */
const GIVEN_UP_MS = 24 * 3_600_000;
/** Finding nodes takes two minutes at most, and tries of it are behind each other; by then there is a card, whatever is found. */
const FINDING_MS = 120_000;
/** How old the card of an open incident may be, also when nothing has changed: somebody else may have drawn an older one over it. */
const COMPARED_MS = 3_600_000;

/** The record has changed: its card is owed from now on, or since it was owed first. */
export function behind(view: CardView | undefined, now: number): CardView {
  return { ...view, shown: view?.shown ?? 0, owedSince: view?.owedSince ?? now };
}

/**
 * The same once the record has ended, where that calls for words in the thread: those are to be said, whoever has ended it. A rollback
 * after the end has words of its own.
 */
export function withEndWords(view: CardView, before: IncidentHead, head: IncidentHead): CardView {
  const { state, transitions, nodes, nodeGaps } = head;
  if (isClosed(before.state) || !isClosed(state) || state === 'joined') return view;
  const wasOver = before.transitions.some(({ to }) => isClosed(to));
  const isTold =
    state === 'no-fix-offered' ||
    (nodes.length === 0 && nodeGaps.length > 0) ||
    transitions.some(({ to }) => to === 'awaiting-approval');
  return isTold && !wasOver ? { ...view, endUntold: true } : view;
}

/** The words of the end were said. */
export function withoutEndWords({ endUntold: _said, ...view }: CardView): CardView {
  return view;
}

/** Slack has taken the card of this revision. */
export function shownAs(view: CardView | undefined, revision: number, now: number): CardView {
  const { owedSince: _paid, nextAt: _over, ...rest } = view ?? {};
  return { ...rest, shown: revision, shownAt: now };
}

/**
 * The card could not be shown.
 * @param waitSeconds how long Slack wants not to be asked; 0 where it has not said so
 */
export function notShown(view: CardView | undefined, now: number, waitSeconds: number): CardView {
  const { owedSince = now, ...rest } = behind(view, now);
  const nextAt = now + pauseAfter(owedSince, now, waitSeconds);
  return now - owedSince > GIVEN_UP_MS ? { ...rest, nextAt } : { ...rest, owedSince, nextAt };
}

/** How long to wait, in milliseconds, before what has been owed since then is tried again. */
export function pauseAfter(owedSince: number, now: number, waitSeconds: number): number {
  const pause = Math.min((now - owedSince) / PAUSE_PART, LONGEST_PAUSE_MS);
  return Math.ceil(Math.max(pause, waitSeconds * 1000));
}

/** Whether an incident is to be shown: one that joined another before it had a card is on the card of that one. */
export const needsCard = ({ state, card }: Pick<IncidentHead, 'state' | 'card'>): boolean =>
  state !== 'joined' || card !== undefined;

/** Nothing is to be drawn. */
export function noCard({ owedSince: _none, nextAt: _never, ...view }: CardView): CardView {
  return view;
}

/** Whether the card is still to be drawn, whenever that may be. */
export const isOwed = (view: CardView | undefined): boolean => view?.owedSince !== undefined;

/** Whether the card is to be drawn now by whoever looks after what others have left. */
export function isDue(
  { state, openedAt, card }: Pick<IncidentHead, 'state' | 'openedAt' | 'card'>,
  view: CardView | undefined,
  now: number,
): boolean {
  if (view === undefined || now < (view.nextAt ?? 0)) return false;
  // Whether it is to have a card of its own is told by its nodes, which are being found and read.
  const isFinding = state === 'collecting' && card === undefined;
  if (isFinding && now - Date.parse(openedAt) < FINDING_MS) return false;
  if (view.owedSince !== undefined) return view.nextAt !== undefined || now - view.owedSince >= GRACE_MS;
  return !isClosed(state) && now - (view.shownAt ?? now) >= COMPARED_MS;
}
