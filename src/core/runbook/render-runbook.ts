import type { Catalogue } from '../diagnosis/signature.ts';
import { BrokenCatalogueError } from '../errors.ts';
import type { Runbook } from '../notifier.ts';
import { fillText } from './fill-text.ts';
import { type RunbookSubject, slotsOf } from './slots.ts';

/** Runbook texts by failure mode id: CommonMark with `{{slots}}`. */
export type RunbookTexts = Readonly<Record<string, string>>;

/**
 * Renders one node's runbook. What has a slot that this node has no evidence for is left out, so no number is ever made
 * up; what is done already stands before what is to be done.
 *
 * @throws BrokenCatalogueError when the verdict has no text or a slot's name is unknown
 */
export function renderNodeRunbook(
  subject: RunbookSubject,
  catalogue: Catalogue,
  texts: RunbookTexts,
): Runbook {
  const { verdict } = subject.diagnosis;
  const text = texts[verdict];
  const title = catalogue.find(({ id }) => id === verdict)?.title;
  if (text === undefined || title === undefined)
    throw new BrokenCatalogueError(`The catalogue has no runbook for "${verdict}".`);
  const preambles = { 'What to do now': subject.made };
  return { title, markdown: fillText(text, slotsOf(subject, catalogue), preambles) };
}
