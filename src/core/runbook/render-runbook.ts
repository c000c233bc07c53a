import type { Catalogue } from '../diagnosis/signature.ts';
import { BrokenCatalogueError } from '../errors.ts';
import type { Runbook } from '../notifier.ts';
import { fillText } from './fill-text.ts';
import { type RunbookSubject, slotsOf } from './slots.ts';
import { wayOntoNode } from './way-onto-node.ts';

/** Runbook texts by failure mode id: CommonMark with `{{slots}}`. */
export type RunbookTexts = Readonly<Record<string, string>>;

/**
 * Renders one node's runbook. What has a slot that this node has no evidence for is left out, so no number is ever made
 * up; the way onto the node stands before what is to be done there, after what is done already.
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
  const before = [subject.made, wayOntoNode(subject.node, subject.identity)].filter(Boolean).join('\n\n');
  const preambles = { 'What to do now': before === '' ? undefined : before };
  return { title, markdown: fillText(text, slotsOf(subject, catalogue), preambles) };
}
