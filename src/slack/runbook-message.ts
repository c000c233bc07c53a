<<<<<<< HEAD
import type { MarkdownBlock } from '@slack/types';
import type { Runbook } from '../core/notifier.ts';
import { keepUnits } from '../core/words.ts';
import { cut, plainText } from './block-text.ts';
=======
import type { Runbook } from '../core/ports.ts';
import { type MarkdownMessage, markdownMessages } from './markdown-message.ts';
>>>>>>> 4c44801 (Answer the shortcut "Diagnose this" in the thread of its message)

/** The runbook as messages of the thread. */
export function runbookMessages({ title, markdown }: Runbook): readonly MarkdownMessage[] {
  return markdownMessages(`Runbook: ${title}`, markdown);
}
