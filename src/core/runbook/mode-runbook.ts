import type { DiagnosedNode } from '../diagnosis/diagnose.ts';
import type { Catalogue } from '../diagnosis/signature.ts';
import type { Runbook } from '../notifier.ts';
import type { Figures } from '../record/collection.ts';
import type { Diagnosis, FailureModeId } from '../record/diagnosis.ts';
import { type RunbookTexts, renderNodeRunbook } from './render-runbook.ts';

/** What one node's evidence means, with its numbers. */
export interface ReadNode extends DiagnosedNode {
  readonly figures: Figures;
}

/** Without an incident there is no card, so a change of the plan is one by hand. */
const NO_BUTTONS = { change: false, rollback: false };

/**
 * The runbook of one failure mode with a node's numbers, outside of any incident. Where the node shows another mode, its
 * numbers fill the commands, but neither its headline nor its plan is told: they are of something else.
 *
 * @param found the node's diagnosis; without one what has to be computed from a node is left out
 * @param note Markdown that says whose numbers these are, before the first section
 * @throws BrokenCatalogueError when the mode is not in the catalogue
 */
export function modeRunbook(
  mode: FailureModeId,
  found: ReadNode | undefined,
  note: string,
  catalogue: Catalogue,
  texts: RunbookTexts,
): Runbook {
  const isIts = found?.diagnosis.verdict === mode;
  const diagnosis = found?.diagnosis ?? NOTHING_READ;
  const own = isIts ? diagnosis : { ...diagnosis, verdict: mode, headline: '' };
  const subject = {
    node: undefined,
    diagnosis: isIts ? own : { ...own, offer: { ...own.offer, why: '' } },
    figures: found?.figures ?? NO_FIGURES,
    plan: isIts ? found.plan : undefined,
    buttons: NO_BUTTONS,
  };
  const { title, markdown } = renderNodeRunbook(subject, catalogue, texts);
  return { title, markdown: markdown.replace(/^# .*\n/, (heading) => `${heading}\n${note}\n`) };
}

const NO_FIGURES: Figures = {};

/** What is known of a node of which nothing was read. */
const NOTHING_READ: Diagnosis = {
  schema: 'medic.diagnosis/1',
  verdict: 'insufficient-evidence',
  confidence: 'high',
  impact: 'pressure',
  headline: '',
  contributing: [],
  findings: [],
  gaps: [],
  offer: { raise: false, why: '', remediations: [] },
};
