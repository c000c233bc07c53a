import type { Block, MarkdownBlock } from '@slack/types';
import type { Runbook } from '../../core/notifier.ts';
import { figureCharts, figureMarkdown, figureTable } from '../figures/blocks.ts';
import { type MarkdownMessage, markdownMessages } from '../markdown-message.ts';

/** A message of a runbook's thread. */
export interface RunbookMessage extends MarkdownMessage {
  /** Numbers to stand under it: as a table and charts of Slack's own, and as text for where it answers `invalid_blocks`. */
  readonly figures?: { readonly own: readonly Block[]; readonly plain: MarkdownBlock };
}

/** The runbook as messages of the thread; under the first stand the numbers that it rests on. */
export function runbookMessages({ title, markdown, figures = [] }: Runbook): readonly RunbookMessage[] {
  const [first, ...others] = markdownMessages(`Runbook: ${title}`, markdown);
  if (first === undefined) return [];
  if (figures.length === 0) return [first, ...others];
  const own = [figureTable(figures), ...figureCharts(figures)];
  return [
    { ...first, figures: { own, plain: { type: 'markdown', text: figureMarkdown(figures) } } },
    ...others,
  ];
}
