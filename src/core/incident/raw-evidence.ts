import type { Incident } from '../record/incident.ts';
import { newestTrace } from '../remediation/taken-away.ts';
import { nodeCount } from '../words.ts';
import { refuseStranger } from './approvers.ts';

/** Nodes whose raw output an answer has room for. */
const NODES_TOLD = 5;
/** Digits of a digest by which a file is told from another. */
const HASH_CHARS = 12;

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
  const traced = packetsOf(head);
  if (kept.length === 0 && traced === '')
    return { isRefused: true, sentence: `No raw output of ${head.id} was kept; its card says why.` };
  const told = kept
    .slice(0, NODES_TOLD)
    .map(
      ({ instanceId, evidence, hash }) =>
        `${instanceId}: ${fetched(evidence, '-')} (SHA-256 ${hash.slice(0, HASH_CHARS)}…)`,
    );
  const others = kept.length - told.length;
  const rest = others === 0 ? '' : ` ${nodeCount(others)} more: npx medic audit ${head.id}.`;
  const readings = kept.length === 0 ? '' : `Raw output of the newest readings: ${told.join('; ')}.${rest}`;
  return { isRefused: false, sentence: [traced, readings].filter((part) => part !== '').join(' ') };
}

/** How what lies at an address is had: `to` standard output or a folder. */
const fetched = (address: string, to: '-' | '.'): string =>
  address.startsWith('s3:') ? `aws s3 cp ${address} ${to}` : address;

/** Where the headers of the newest trace lie, with addresses as they are. */
function packetsOf(head: Incident['head']): string {
  const files = (newestTrace(head)?.nodes ?? []).flatMap(({ instanceId, outcome }) => {
    const packets = outcome.kind === 'traced' ? outcome.packets : undefined;
    if (packets === undefined) return [];
    const { address, hash, are } = packets;
    const built = are === 'rebuilt' ? ', built again from the output' : '';
    return [`${instanceId}: ${fetched(address, '.')} (SHA-256 ${hash.slice(0, HASH_CHARS)}…${built})`];
  });
  return files.length === 0 ? '' : `Headers of the newest trace, for Wireshark: ${files.join('; ')}.`;
}
