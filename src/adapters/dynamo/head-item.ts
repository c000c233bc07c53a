import { randomBytes } from 'node:crypto';
import { executionOf } from '../../core/incident/execution.ts';
import { isOwedAfterQuiet } from '../../core/incident/quiet.ts';
import { behind, isOwed, needsCard, noCard, withEndWords } from '../../core/incident/shown/card-view.ts';
import { owedWords } from '../../core/incident/shown/owed-words.ts';
import { runningTrace } from '../../core/incident/syn-trace/order.ts';
import type { CardView } from '../../core/record/card-view.ts';
import type { IncidentHead } from '../../core/record/incident.ts';
import {
  JOINED_VERSION,
  MOVED_ROUNDS_VERSION,
  MOVED_STEPS_VERSION,
  RECORD_VERSION,
} from '../../core/record/stored.ts';
import { UNFINISHED } from '../../core/record/unfinished.ts';
import { HeadItem, headKey, writesWith } from './items.ts';

/** A name for a write that no other has, without a blank in it. */
export const newWrite = (): string => randomBytes(9).toString('base64url');

/** The item of a head that nobody has stored yet. */
export const firstHeadItem = (head: IncidentHead, write: string): HeadItem =>
  headItem(head, writesWith(write), behind(undefined, Date.now()));

/** The item that takes the place of another one with a changed head: its card is behind from now on. */
export const changedHeadItem = (item: HeadItem, head: IncidentHead, write: string): HeadItem => ({
  ...keptBeside(item),
  ...headItem(
    head,
    writesWith(write, item.write),
    withEndWords(behind(item.view, Date.now()), item.head, head),
  ),
});

/** The same head with another view of it. */
export const viewedHeadItem = (item: HeadItem, view: CardView): HeadItem => ({
  ...keptBeside(item),
  ...headItem(item.head, item.write, view),
});

/** What a newer version keeps in the item beside the head stays there; what this one knows is written anew or is gone. */
const keptBeside = (item: object): object =>
  Object.fromEntries(Object.entries(item).filter(([name]) => !Object.hasOwn(HeadItem.shape, name)));

const headItem = (head: IncidentHead, write: string, newView: CardView): HeadItem => {
  const view = needsCard(head) ? newView : noCard(newView);
  return {
    ...headKey(head.id),
    version: versionOf(head),
    revision: head.revision,
    write,
    ...(executionOf(head) === undefined &&
    runningTrace(head) === undefined &&
    !isOwed(view) &&
    view.endUntold === undefined &&
    !isOwedAfterQuiet(head) &&
    owedWords(head).length === 0
      ? {}
      : { unfinished: UNFINISHED.value }),
    view,
    head,
  };
};

function versionOf({ joined, movedRounds, movedSteps }: IncidentHead): number {
  if (joined !== undefined) return JOINED_VERSION;
  if (movedRounds !== undefined) return MOVED_ROUNDS_VERSION;
  return movedSteps === undefined ? RECORD_VERSION : MOVED_STEPS_VERSION;
}
