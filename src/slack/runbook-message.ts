import type { Runbook } from '../core/notifier.ts';
import { type MarkdownMessage, markdownMessages } from './markdown-message.ts';

/** The runbook as messages of the thread. */
export function runbookMessages({ title, markdown }: Runbook): readonly MarkdownMessage[] {
  return markdownMessages(`Runbook: ${title}`, markdown);
}
