import type { Capture } from '../../capture/capture.ts';
import type { Paste, PastedHost } from '../../paste/read-paste.ts';
import type { Diagnosis } from '../../record/diagnosis.ts';
import { counted } from '../../words.ts';
import { inOrderOfSeverity } from '../severity.ts';
import type { Catalogue } from '../signature.ts';
import { type DiagnosedPaste, diagnosePaste } from './diagnose-paste.ts';
import { nextCommandGap, splitNextCommand } from './next-command.ts';

/** One host of a paste with what was concluded from its part of the text alone. */
export interface DiagnosedHost extends DiagnosedPaste {
  readonly host: PastedHost;
}

/** How to paste so that everything can be given to its host. */
const HOW_TO_PASTE =
  'the text is of several hosts, and parts of it name none → paste each host by itself, or put a line such as "=== node-a ===" before what it printed';

const NO_OFFER = 'No change while a part of the text names no host: paste each host by itself.';

/**
 * Diagnoses each host of a paste from its own part alone, the most severe first. While a part belongs to none of several
 * hosts, nothing is offered for any of them, and each says how to paste it.
 *
 * @param fallback what a host is called that the text does not name
 */
export function diagnoseHosts(
  { hosts, unassigned }: Paste,
  catalogue: Catalogue,
  fallback: string,
): readonly DiagnosedHost[] {
  const parts = unassigned === undefined ? hosts : [...hosts, unassigned];
  const isMixed = unassigned !== undefined;
  const judged = parts.map((host) => {
    const node = parts.length > 1 || isMixed ? host.host : undefined;
    const found = withUnused(
      diagnoseHost(host.capture, catalogue, { node: node ?? fallback, isMixed }),
      host,
    );
    return node === undefined
      ? { ...found, host }
      : { ...found, diagnosis: { ...found.diagnosis, node }, host };
  });
  return inOrderOfSeverity(judged, catalogue);
}

/** Adds what was recognised and no verdict rests on: its numbers are told all the same. */
function withUnused(found: DiagnosedPaste, { seen }: PastedHost): DiagnosedPaste {
  const unused = seen.flatMap(({ name, says, unusedFor }) =>
    says === undefined || unusedFor === undefined ? [] : [`${name}: ${says} – not used: ${unusedFor}`],
  );
  const { diagnosis } = found;
  return { ...found, diagnosis: { ...diagnosis, seen: [...(diagnosis.seen ?? []), ...unused] } };
}

/**
 * Diagnoses one host's part of a text.
 *
 * @param of.isMixed whether a part of the text belongs to none of several hosts, so that nothing may be offered
 */
export function diagnoseHost(
  capture: Capture,
  catalogue: Catalogue,
  { node, isMixed }: { readonly node: string; readonly isMixed: boolean },
): DiagnosedPaste {
  const diagnosed = diagnosePaste(capture, catalogue, node);
  return isMixed ? withheld(diagnosed) : diagnosed;
}

function withheld(diagnosed: DiagnosedPaste): DiagnosedPaste {
  const { diagnosis } = diagnosed;
  const { raise, why, remediations } = diagnosis.offer;
  const isOffered = raise || remediations.length > 0;
  const { gaps, next } = splitNextCommand(diagnosis.gaps);
  const last = next === undefined ? [] : [nextCommandGap(next)];
  const offer: Diagnosis['offer'] = { raise: false, why: isOffered ? NO_OFFER : why, remediations: [] };
  return {
    ...diagnosed,
    plan: undefined,
    diagnosis: { ...diagnosis, offer, gaps: [...gaps, HOW_TO_PASTE, ...last] },
  };
}

/**
 * The one line that says that a text is of several hosts, with the verdict of each; `undefined` where it is of one.
 *
 * @param nodes in the order in which they are told
 */
export function severalHostsLine(
  nodes: readonly { readonly title: string; readonly diagnosis: Diagnosis }[],
): string | undefined {
  if (nodes.length < 2) return undefined;
  const verdicts = nodes.map(({ title, diagnosis }) => `${title} (${diagnosis.verdict})`).join(', ');
  return `This is the output of ${counted(nodes.length, 'host')}, each judged by itself, the most severe first: ${verdicts}.`;
}
