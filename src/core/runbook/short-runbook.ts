import type { Runbook } from '../notifier.ts';

/** Most characters of a runbook in a chat: what a phone scrolls through in a few moves. Our choice. */
export const SHORT_RUNBOOK_CHARS = 3000;

const HEADING = /^## (.+)$/;

/**
 * A runbook cut for a chat. Sections come in the order in which they are needed, so it is the first ones, each whole, as far as
 * they fit, and a line that names those that are left out and says where they are. Of a first section that is too long by
 * itself only its end is left out, between two of its blocks.
 *
 * @param where where the whole is, as the end of a sentence: `under "Show runbook" on the card`
 * @returns the runbook itself where it is short enough
 */
export function shortRunbook(runbook: Runbook, where: string): Runbook {
  const { title, markdown } = runbook;
  if (markdown.length <= SHORT_RUNBOOK_CHARS) return runbook;
  const [intro = '', ...sections] = splitOutsideCode(markdown, (line) => HEADING.test(line));
  for (let count = sections.length - 1; count > 0; count--) {
    const text = [intro, ...sections.slice(0, count)].join('\n').trimEnd();
    const short = `${text}\n\n${restLine(sections.slice(count), where)}\n`;
    if (short.length <= SHORT_RUNBOOK_CHARS) return { title, markdown: short };
  }
  return { title, markdown: firstBlocks(markdown, `The rest is ${where}.`) };
}

/** The sections that are left out, by name. */
function restLine(sections: readonly string[], where: string): string {
  const names = sections.map((section) => HEADING.exec(section.split('\n')[0] ?? '')?.[1] ?? '');
  return `Not here: ${names.join(' · ')}. The whole runbook is ${where}.`;
}

/** As many blocks as fit, with a last line; code stays whole and stands with what announces it. */
function firstBlocks(markdown: string, last: string): string {
  const blocks = splitOutsideCode(markdown, (line) => line.trim() === '');
  for (let count = blocks.length - 1; count > 0; count--) {
    const text = blocks.slice(0, count).join('\n').trimEnd();
    const announces = /[:.]$/.test(text) && /^\s*```/m.exec(blocks[count] ?? '')?.index === 1;
    const short = `${text}\n\n${last}\n`;
    if (!announces && short.length <= SHORT_RUNBOOK_CHARS) return short;
  }
  return `${last}\n`;
}

/** Splits before each line that begins a part, but for lines of code. */
function splitOutsideCode(markdown: string, isStart: (line: string) => boolean): readonly string[] {
  const parts: string[][] = [[]];
  let isFenced = false;
  for (const line of markdown.split('\n')) {
    if (!isFenced && isStart(line)) parts.push([]);
    if (/^\s*```/.test(line)) isFenced = !isFenced;
    parts.at(-1)?.push(line);
  }
  return parts.map((lines) => lines.join('\n'));
}
