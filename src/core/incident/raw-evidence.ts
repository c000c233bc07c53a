import type { Incident } from '../record/incident.ts';
import { nodeCount } from '../words.ts';
import { refuseStranger } from './approvers.ts';

/** Nodes whose raw output an answer has room for. */
const NODES_TOLD = 5;

/** Where the raw output of the newest readings lies and how it is fetched, for an approver; one sentence for everybody else. */
export function rawEvidenceOf(
  { head, collections }: Incident,
  user: string,
  approvers: readonly string[],
): { readonly isRefused: boolean; readonly sentence: string } {
  const refusal = refuseStranger(user, approvers, 'it is not shown');
  if (refusal !== undefined) return { isRefused: true, sentence: refusal };
  const kept = collections.flatMap(({ instanceId, evidence, evidenceHash }) =>
    evidence === undefined ? [] : [{ instanceId, evidence, hash: evidenceHash ?? 'not recorded' }],
  );
  if (kept.length === 0)
    return { isRefused: true, sentence: `No raw output of ${head.id} was kept; its card says why.` };
  const told = kept
    .slice(0, NODES_TOLD)
    .map(
      ({ instanceId, evidence, hash }) =>
        `${instanceId}: ${evidence.startsWith('s3:') ? `aws s3 cp ${evidence} -` : evidence} (SHA-256 ${hash.slice(0, 12)}…)`,
    );
  const others = kept.length - told.length;
  const rest = others === 0 ? '' : ` ${nodeCount(others)} more: npx medic audit ${head.id}.`;
  return { isRefused: false, sentence: `Raw output of the newest readings: ${told.join('; ')}.${rest}` };
}
