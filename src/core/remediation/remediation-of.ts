import type { Catalogue } from '../diagnosis/signature.ts';
import type { AnyRemediation } from '../plan/remediation.ts';
import type { RemediationKind } from '../record/plan.ts';

/**
 * The definition of a kind; modes that share a kind share its definition.
 * @throws Error when no failure mode has it: a broken catalogue
 */
export function remediationOf(catalogue: Catalogue, kind: RemediationKind): AnyRemediation {
  const found = catalogue.find(({ remediation }) => remediation?.kind === kind)?.remediation;
  if (found === undefined) throw new Error(`No failure mode of the catalogue has the remediation ${kind}.`);
  return found;
}
