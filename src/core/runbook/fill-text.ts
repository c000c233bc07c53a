import { BrokenCatalogueError } from '../errors.ts';

/** Values of a runbook's slots by name; `undefined` where this node has none. */
export type Slots = ReadonlyMap<string, string | undefined>;

/** What is put in front of a section's own text, by its heading. */
export type Preambles = Readonly<Record<string, string | undefined>>;

/**
 * Fills a runbook's text. `{{name}}` is the slot's value; `{{?name}}` stands for nothing and keeps its block only where the
 * slot has a value, `{{!name}}` only where it has none. A paragraph, list item or code block that is not kept is left out,
 * and with it what hangs on it: the code under a list item, and what a paragraph that ends in a colon announces. Steps
 * are numbered anew, and a heading under which nothing is left goes too.
 *
 * @param preambles Markdown to begin a section with, by its heading
 * @throws BrokenCatalogueError when a slot's name is unknown
 */
export function fillText(text: string, slots: Slots, preambles: Preambles = {}): string {
  const sections = sectionsOf(text).flatMap(({ heading, blocks }) => {
    const units = unitsOf(blocks).flatMap((unit) => fillUnit(unit, slots) ?? []);
    const preamble = preambles[heading?.slice(HEADING.length) ?? ''];
    const body = numbered([...(preamble === undefined ? [] : [preamble]), ...units]);
    if (heading === undefined) return body;
    return body.length === 0 ? [] : [heading, ...body];
  });
  return `${sections.join('\n\n').replaceAll(/\n{3,}/g, '\n\n')}\n`;
}

const HEADING = '## ';
const ITEM = /^(?:\d+\.|[-*]) /;
const FENCE = /^\s*```/;

interface Section {
  readonly heading: string | undefined;
  readonly blocks: readonly string[];
}

function sectionsOf(text: string): readonly Section[] {
  const sections: { heading: string | undefined; blocks: string[] }[] = [{ heading: undefined, blocks: [] }];
  for (const block of blocksOf(text)) {
    if (block.startsWith(HEADING)) sections.push({ heading: block, blocks: [] });
    else sections.at(-1)?.blocks.push(block);
  }
  return sections;
}

/** Paragraphs, and list items one by one; fenced code stays whole. */
function blocksOf(text: string): readonly string[] {
  const blocks: string[] = [];
  let lines: string[] = [];
  let isFenced = false;
  const flush = () => {
    if (lines.length > 0) blocks.push(lines.join('\n'));
    lines = [];
  };
  for (const line of text.split('\n')) {
    const isFence = FENCE.test(line);
    if (!isFenced && (isFence || ITEM.test(line) || line.trim() === '')) flush();
    if (isFence) isFenced = !isFenced;
    if (isFenced || line.trim() !== '') lines.push(line);
  }
  flush();
  return blocks;
}

/** Blocks that stand or fall together. */
function unitsOf(blocks: readonly string[]): readonly (readonly string[])[] {
  const units: string[][] = [];
  for (const block of blocks) {
    const unit = units.at(-1);
    const before = unit?.at(-1) ?? '';
    const isAnnounced =
      before.endsWith(':') || (FENCE.test(block) && (ITEM.test(unit?.[0] ?? '') || FENCE.test(before)));
    if (unit !== undefined && isAnnounced) unit.push(block);
    else units.push([block]);
  }
  return units;
}

function fillUnit(unit: readonly string[], slots: Slots): string | undefined {
  const filled = unit.map((block) => fill(block, slots));
  return filled.includes(undefined) ? undefined : filled.join('\n\n');
}

function fill(block: string, slots: Slots): string | undefined {
  let isKept = true;
  const filled = block.replaceAll(
    /\{\{\s*([?!]?)([a-z0-9.-]+)\s*\}\}/g,
    (_, condition: string, name: string) => {
      if (!slots.has(name)) throw new BrokenCatalogueError(`A runbook uses the unknown slot "${name}".`);
      const value = slots.get(name);
      if ((value === undefined) !== (condition === '!')) isKept = false;
      return condition === '' ? (value ?? '') : '';
    },
  );
  return isKept ? filled.trimEnd() : undefined;
}

/** Numbers the steps of a section from 1 on, and joins list items that stood without a line between them. */
function numbered(units: readonly string[]): readonly string[] {
  let step = 0;
  const parts: string[] = [];
  for (const unit of units) {
    const isStep = /^\d+\. /.test(unit);
    const text = isStep ? unit.replace(/^\d+/, String(++step)) : unit;
    const before = parts.at(-1);
    const isTight = before !== undefined && ITEM.test(text) && ITEM.test(before.split('\n').at(-1) ?? '');
    if (isTight) parts[parts.length - 1] = `${before}\n${text}`;
    else parts.push(text);
  }
  return parts;
}
