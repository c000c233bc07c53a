import { catalogue } from '../runbooks/index.ts';
import { runbookTexts } from '../src/adapters/runbook-texts.ts';
import { figuresOf } from '../src/core/diagnosis/assess.ts';
import { escapeMarkdown } from '../src/core/markdown.ts';
import { modeRunbook } from '../src/core/runbook/mode-runbook.ts';
import { snapshotOf } from '../src/core/snapshot/snapshot-of.ts';
import { nodeCount } from '../src/core/words.ts';
import { InputError } from './errors.ts';
import { readInputs } from './input/read-input.ts';
import { type Judged, judged } from './judge.ts';
import { print } from './output.ts';

/**
 * `medic runbook`: a failure mode's runbook as Markdown, with the numbers of a node where evidence of one is given; without a
 * mode that of the evidence's verdict, and without evidence either the modes there are.
 */
export async function runRunbook(mode: string | undefined, { from }: { from?: string }): Promise<void> {
  if (mode === undefined && from === undefined) {
    print(catalogue.map(({ id, title }) => `${id.padEnd(NAME_WIDTH)}${title}\n`).join(''));
    return;
  }
  if (mode !== undefined && !catalogue.some(({ id }) => id === mode))
    throw new InputError(`There is no failure mode "${mode}"; medic runbook prints the names of all.`);
  const nodes = from === undefined ? [] : judged(await readInputs([from]), ({ title }) => title);
  const node = nodes.find(({ diagnosis }) => diagnosis.verdict === mode) ?? nodes[0];
  const wanted = mode ?? node?.diagnosis.verdict ?? '';
  const read = node && { ...node, figures: figuresOf(snapshotOf(node.input.capture)) };
  const note = node === undefined ? noNumbers(wanted) : whoseNumbers(node, nodes.length, wanted);
  print(modeRunbook(wanted, read, note, catalogue, runbookTexts).markdown);
}

/** Wider than the longest name, for a column. */
const NAME_WIDTH = 28;

const noNumbers = (mode: string) =>
  `What is computed from a node is left out: \`medic runbook ${mode} --from capture.txt\` fills it in, and \`sudo medic collect > capture.txt\` on the node makes such a capture.`;

function whoseNumbers(
  { input: { title }, diagnosis, catalogue: titles }: Judged,
  count: number,
  mode: string,
): string {
  const whose = `The numbers are those of ${escapeMarkdown(title)}${count > 1 ? `, one of ${nodeCount(count)}` : ''}.`;
  if (diagnosis.verdict === mode) return whose;
  const shown = titles.find(({ id }) => id === diagnosis.verdict)?.title ?? diagnosis.verdict;
  return `${whose} What it shows is something else: ${escapeMarkdown(shown)} (\`${diagnosis.verdict}\`).`;
}
