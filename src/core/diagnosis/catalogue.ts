import { BrokenCatalogueError } from '../errors.ts';
import type { FailureModeId } from '../record/diagnosis.ts';
import { type Catalogue, type Signature, STAGES } from './signature.ts';

/** A folder below runbooks/ with what its signature.ts exports by default; nothing of it is believed yet. */
export interface SignatureFolder {
  readonly folder: FailureModeId;
  readonly exported: unknown;
}

/**
 * Puts the signatures of all folders into their order: by stage, then by position. The order is total, so adding a folder
 * never moves the others.
 *
 * @throws BrokenCatalogueError when a folder exports no signature, one under another name or without a valid position, when
 *   two claim the same position, or when the last one does not conclude from all others; the message names the folders and
 *   what to change
 */
export function catalogueOf(folders: readonly SignatureFolder[]): Catalogue {
  const catalogue = folders.map(signatureIn).toSorted(byOrder);
  for (const [index, signature] of catalogue.entries()) {
    const before = catalogue[index - 1];
    if (before !== undefined && byOrder(before, signature) === 0)
      throw new BrokenCatalogueError(conflict(before, signature));
  }
  if (catalogue.at(-1)?.conclude === undefined)
    throw new BrokenCatalogueError(
      'runbooks/ has no failure mode in the stage "conclusion", so nothing matches a quiet node.',
    );
  return catalogue;
}

function byOrder({ order: a }: Signature, { order: b }: Signature): number {
  return STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage) || a.position - b.position;
}

function conflict({ id, order }: Signature, other: Signature): string {
  return `runbooks/${id} and runbooks/${other.id} both claim position ${order.position} of the stage "${order.stage}"; give the one that is asked for later a higher position.`;
}

function signatureIn({ folder, exported }: SignatureFolder): Signature {
  const file = `runbooks/${folder}/signature.ts`;
  if (!isSignature(exported))
    throw new BrokenCatalogueError(
      `${file} exports no signature; begin it with "export default defineSignature({".`,
    );
  const { id, order, conclude } = exported;
  if (id !== folder)
    throw new BrokenCatalogueError(`${file} has the id "${id}"; a folder's name and its id are the same.`);
  if (!STAGES.includes(order.stage) || !Number.isInteger(order.position) || order.position < 1)
    throw new BrokenCatalogueError(
      `${file} has no valid order; give it a stage (${STAGES.join(', ')}) and a position, a whole number above 0.`,
    );
  if ((conclude !== undefined) !== (order.stage === 'conclusion'))
    throw new BrokenCatalogueError(
      `${file}: the stage "conclusion" is for signatures with "conclude", and for all of those.`,
    );
  return exported;
}

/** What the type checker says of a signature, asked again: a folder that is being written may not be checked yet. */
function isSignature(value: unknown): value is Signature {
  if (typeof value !== 'object' || value === null) return false;
  const { id, title, order, evaluate, conclude } = value as Partial<Record<keyof Signature, unknown>>;
  const isPredicate = (one: unknown) => typeof one === 'function';
  return (
    typeof id === 'string' &&
    typeof title === 'string' &&
    typeof order === 'object' &&
    order !== null &&
    isPredicate(evaluate) !== isPredicate(conclude)
  );
}
