import { type Catalogue } from '../diagnosis/signature.ts';
import { BrokenCatalogueError } from '../errors.ts';
import { escapeMarkdown, tableOf } from '../markdown.ts';
import { asRaise, changeNumbers, commandsOf } from '../plan/kinds.ts';
import { raiseLine } from '../plan/raise-cost.ts';
import type { Runbook } from '../ports.ts';
import type { Figures } from '../record/collection.ts';
import type { Diagnosis } from '../record/diagnosis.ts';
import type { IncidentNode } from '../record/incident.ts';
import type { NodePlan } from '../record/plan.ts';
import { percent, show } from '../words.ts';
import { lastingMarkdown, lastingPatches } from './patches/lasting-patches.ts';

/** Runbook texts by failure mode id: CommonMark with `{{slots}}`. */
export type RunbookTexts = Readonly<Record<string, string>>;

/** What a runbook is filled from: one node's diagnosis, its numbers and, where a change is offered, its plan. */
export interface RunbookSubject {
  readonly node: string | undefined;
  readonly diagnosis: Diagnosis;
  readonly figures: Figures;
  readonly plan: NodePlan | undefined;
  /** Where the node belongs, as far as it is known. */
  readonly identity?: IncidentNode | undefined;
}

/**
 * Renders one node's runbook. A paragraph, list item or code block with a slot that this node has no evidence for is left
 * out, so no number is ever made up.
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
  const slots = slotsOf(subject, catalogue);
  const blocks = blocksOf(text).flatMap((block) => {
    const filled = fill(block, slots);
    return filled === undefined ? [] : [filled];
  });
  return { title, markdown: `${blocks.join('\n\n').replaceAll(/\n{3,}/g, '\n\n')}\n` };
}

/** Paragraphs, and list items one by one; fenced code stays whole. */
function blocksOf(text: string): string[] {
  const blocks: string[] = [];
  let lines: string[] = [];
  let isFenced = false;
  const flush = () => {
    if (lines.length > 0) blocks.push(lines.join('\n'));
    lines = [];
  };
  for (const line of text.split('\n')) {
    if (/^\s*```/.test(line)) isFenced = !isFenced;
    if (!isFenced && line.trim() === '') flush();
    else lines.push(line);
  }
  flush();
  return blocks;
}

function fill(block: string, slots: ReadonlyMap<string, string | undefined>): string | undefined {
  const isList = /^(?:\d+\.|[-*]) /.test(block);
  const parts = isList ? block.split(/\n(?=(?:\d+\.|[-*]) )/) : [block];
  const kept = parts.flatMap((part) => {
    let isComplete = true;
    const filled = part.replaceAll(/\{\{\s*([a-z.-]+)\s*\}\}/g, (_, name: string) => {
      if (!slots.has(name)) throw new BrokenCatalogueError(`A runbook uses the unknown slot "${name}".`);
      const value = slots.get(name);
      if (value === undefined) isComplete = false;
      return value ?? '';
    });
    return isComplete ? [filled] : [];
  });
  return kept.length === 0 ? undefined : kept.join('\n');
}

/** Every slot a runbook text may use, with this node's value or `undefined`. */
function slotsOf(
  { node, diagnosis, figures, plan, identity }: RunbookSubject,
  catalogue: Catalogue,
): ReadonlyMap<string, string | undefined> {
  const { count, max } = figures;
  const raise = asRaise(plan);
  const number = (value: number | undefined) => (value === undefined ? undefined : show(value));
  const digits = (value: number | undefined) => (value === undefined ? undefined : String(value));
  return new Map<string, string | undefined>([
    ['node', node],
    ['headline', escapeMarkdown(diagnosis.headline)],
    ['confidence', diagnosis.confidence],
    ['count', number(count)],
    ['max', number(max)],
    ['max.digits', digits(max)],
    ['use', count === undefined || max === undefined || max === 0 ? undefined : percent(count / max)],
    ['window', figures.windowSeconds?.toFixed(0)],
    ['drops', number(figures.fullDrops)],
    ['early-drops', number(figures.earlyDrops)],
    ['buckets', number(figures.buckets)],
    ['kernel', figures.kernel === undefined ? undefined : escapeMarkdown(figures.kernel)],
    ['offer', escapeMarkdown(diagnosis.offer.why)],
    ['plan.max', number(raise?.max.to)],
    ['plan.max.digits', digits(raise?.max.to)],
    ['plan.buckets', number(raise?.buckets.to)],
    ['plan.buckets.digits', digits(raise?.buckets.to)],
    ['plan.change', plan === undefined ? undefined : escapeMarkdown(changeNumbers(plan))],
    ['plan.commands', plan === undefined ? undefined : commandsOf(plan)],
    ['plan.memory', raise === undefined ? undefined : `${show(raise.memoryBytes / 2 ** 20)} MiB`],
    ['plan.arithmetic', plan === undefined ? undefined : arithmeticList(plan)],
    [
      'plan.lasting',
      raise === undefined ? undefined : lastingMarkdown(lastingPatches(raise, identity).slice(0, 2)),
    ],
    ['plan.layers', plan === undefined ? undefined : layersTable(plan)],
    ['evidence', evidenceTable(diagnosis)],
    ['ruled-out', ruledOutList(diagnosis, catalogue)],
    [
      'gaps',
      diagnosis.gaps.length === 0
        ? undefined
        : diagnosis.gaps.map((gap) => `- ${escapeMarkdown(gap)}`).join('\n'),
    ],
  ]);
}

function evidenceTable(diagnosis: Diagnosis): string | undefined {
  const present = diagnosis.findings
    .filter(({ state }) => state === 'present')
    .flatMap(({ because }) => because);
  if (present.length === 0) return undefined;
  return tableOf(
    ['Fact', 'Seen', 'Unit', 'Held against', 'Source'],
    present.map(({ fact, value, unit, threshold, source }) => [fact, value, unit, threshold, source]),
  );
}

function ruledOutList(diagnosis: Diagnosis, catalogue: Catalogue): string | undefined {
  const absent = diagnosis.findings.filter(({ state, because }) => state === 'absent' && because.length > 0);
  if (absent.length === 0) return undefined;
  return absent
    .map(({ mode, because }) => {
      const title = catalogue.find(({ id }) => id === mode)?.title ?? mode;
      return `- ${escapeMarkdown(title)}: ${because.map(({ fact, value }) => escapeMarkdown(`${fact} ${value}`)).join(', ')}`;
    })
    .join('\n');
}

/** The steps to the numbers, and what they come to in one line. */
function arithmeticList(plan: NodePlan): string {
  const raise = asRaise(plan);
  const lines = raise === undefined ? plan.arithmetic : [...plan.arithmetic, raiseLine(raise)];
  return lines.map((line) => `- ${escapeMarkdown(line)}`).join('\n');
}

function layersTable(plan: NodePlan): string {
  const marks = { covered: '✓', 'not-covered': '✗', 'not-applicable': '–' } as const;
  return tableOf(
    ['Layer', 'Survives', 'How'],
    plan.layers.map(({ layer, state, how }) => [layer, marks[state], how]),
  );
}
