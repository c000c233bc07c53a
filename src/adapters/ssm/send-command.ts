import { SendCommandCommand } from '@aws-sdk/client-ssm';
import type { CommandRequest } from '../../core/ports.ts';
import type { DocumentText } from '../../core/record/document-pin.ts';

/** How a command on several nodes spreads, and what stops it (Systems Manager API reference, SendCommand). */
export interface Spread {
  readonly MaxConcurrency: string;
  readonly MaxErrors: string;
}

/** Reading, and going back, concern each node by itself: what fails on one must not keep the others from it. */
export const ALL_AT_ONCE: Spread = { MaxConcurrency: '50', MaxErrors: '100%' };
/** A change goes to some nodes at a time, and one that fails or refuses keeps it from the nodes that wait. */
export const FEW_AND_CAREFUL: Spread = { MaxConcurrency: '10', MaxErrors: '0' };

/** Longest comment that SendCommand takes. */
const COMMENT_MAX_CHARS = 100;

/** What a command runs: a document, the version of it that has this very text, and what the console calls it. */
interface Named {
  readonly document: DocumentText;
  readonly version: string;
  readonly name: string;
}

/** The version says which text is meant, and the hash has Systems Manager refuse it where it is another one. */
export function sendCommand(
  { document, version, name }: Named,
  { instanceIds, incidentId }: CommandRequest,
  parameters: Readonly<Record<string, string>>,
  deliverySeconds: number,
  spread: Spread,
): SendCommandCommand {
  return new SendCommandCommand({
    DocumentName: document.name,
    DocumentVersion: version,
    DocumentHash: document.hash,
    DocumentHashType: 'Sha256',
    InstanceIds: [...instanceIds],
    Parameters: Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, [value]])),
    Comment: `conntrack-medic ${name} ${incidentId}`.slice(0, COMMENT_MAX_CHARS),
    TimeoutSeconds: deliverySeconds,
    ...spread,
  });
}
