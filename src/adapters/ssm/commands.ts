import { SSMServiceException } from '@aws-sdk/client-ssm';
import { messageOf } from '../../core/errors.ts';
import type { NodeTags } from '../../core/node-tags.ts';
import type { ChangeDocument } from '../../core/plan/kind.ts';
import { commandOf, stepName } from '../../core/plan/kinds.ts';
import type {
  CollectCommands,
  CollectionSent,
  CommandRequest,
  RemediateCommands,
  Sent,
  SentPart,
} from '../../core/ports.ts';
import type { DocumentText } from '../../core/record/document-pin.ts';
import type { NodePlan } from '../../core/record/plan.ts';
import { isOutage } from '../waiting/outage.ts';
import type { SsmClientAt } from './clients.ts';
import { SsmCommandResults } from './command-results.ts';
import { type VersionOf, withVersion } from './document-versions.ts';
import { type ReadSettings, SsmReadCommands } from './read-commands.ts';
import { refusalOfNodes, sendAround } from './send-around.ts';
import { ALL_AT_ONCE, FEW_AND_CAREFUL, type Spread, sendCommand } from './send-command.ts';

/** How a collection is sent. */
export interface CollectSettings extends ReadSettings {
  readonly sampleSeconds: number;
}

/** Sends medic-collect, and nothing else: it knows no other document. */
export class SsmCollectCommands extends SsmReadCommands<CollectSettings> implements CollectCommands {
  async collect(request: CommandRequest): Promise<CollectionSent> {
    const parameters = { nonce: request.nonce, sampleSeconds: String(this.settings.sampleSeconds) };
    return await this.sendReading({ name: 'collect', what: 'collection', parameters }, request);
  }

  hasStartedNothing(error: unknown): boolean {
    return isRefusal(error);
  }
}

/** The documents that change a node. */
export type RemediateDocuments = Readonly<Record<ChangeDocument | 'rollback', DocumentText>>;

/** Pauses before what never left is sent again, in seconds: half a minute together. */
const PAUSES = [1, 2, 4, 8, 15];

/** How changes are sent. */
export interface ChangeSettings {
  readonly deliverySeconds: number;
  /** What IAM asks of a node before anything is sent to it; only told where something was refused. */
  readonly nodeTags?: NodeTags | undefined;
  /** Waits some seconds. */
  readonly pause: (seconds: number) => Promise<void>;
}

/**
 * Sends medic-rollback and the documents that carry out a plan, to each node at most once. What the service turned away has
 * not been sent, so a throttle or a connection that never came to be is waited for.
 * @throws Error when the client would send again by itself: give it `maxAttempts: 1`
 */
export class SsmRemediateCommands extends SsmCommandResults implements RemediateCommands {
  private readonly documents: RemediateDocuments;
  private readonly versionOf: VersionOf;
  private readonly settings: ChangeSettings;
  private readonly senderAt: SsmClientAt;

  /** @param senderAt opens clients that never retry; those of `readerAt` may */
  constructor(
    senderAt: SsmClientAt,
    readerAt: SsmClientAt,
    documents: RemediateDocuments,
    versionOf: VersionOf,
    settings: ChangeSettings,
  ) {
    super(readerAt);
    this.senderAt = senderAt;
    this.documents = documents;
    this.versionOf = versionOf;
    this.settings = settings;
  }

  async change({ plan, ...request }: CommandRequest & { readonly plan: NodePlan }) {
    const { document, parameters: own } = commandOf(plan);
    const common = { nonce: request.nonce, incident: request.incidentId };
    const parameters = { ...common, ...own };
    return await this.sendToAll(
      { document: this.documents[document], name: stepName(plan.kind), parameters, spread: FEW_AND_CAREFUL },
      request,
    );
  }

  async rollback(request: CommandRequest) {
    const parameters = { nonce: request.nonce, incident: request.incidentId };
    return await this.sendToAll(
      { document: this.documents.rollback, name: 'rollback', parameters, spread: ALL_AT_ONCE },
      request,
    );
  }

  /** Sends to each node once; where something other than a single node is the matter, to none that is left. */
  private async sendToAll(what: Change, request: CommandRequest): Promise<readonly SentPart[]> {
    if ((await this.senderAt(request.place).config.maxAttempts()) !== 1)
      throw new Error('A client that retries must not send changes.');
    let isHalted = false;
    const { parts, refused } = await sendAround<Sent>(
      request.instanceIds,
      async (instanceIds) => {
        if (isHalted)
          return {
            kind: 'not-sent',
            why: `the ${what.name} was not sent, as no answer came for other nodes`,
          };
        const sent = await this.sendPatiently(what, { ...request, instanceIds });
        isHalted = sent.kind !== 'sent';
        return sent;
      },
      { again: 'collect', nodeTags: this.settings.nodeTags },
    );
    return [
      ...parts.map(({ sent, instanceIds }) => ({ ...sent, instanceIds })),
      ...refused.map(({ instanceId, why }) => ({
        kind: 'not-sent' as const,
        instanceIds: [instanceId],
        why,
        isOfNode: true as const,
      })),
    ];
  }

  /** Tries again for a while what certainly never left, because the service or the way to it is busy or away for now. */
  private async sendPatiently(what: Change, request: CommandRequest): Promise<Sent> {
    const { pause } = this.settings;
    for (let tries = 0; ; tries++) {
      const { sent, error } = await this.sendOnce(what, request);
      if (sent.kind !== 'not-sent') return sent;
      if (refusalOfNodes(error) !== undefined) throw error;
      const seconds = isOutage(error) ? PAUSES[tries] : undefined;
      if (seconds === undefined) return sent;
      await pause(seconds);
    }
  }

  /** @returns what became of it, and what was thrown where it was not sent or no answer came */
  private async sendOnce(
    { document, name, parameters, spread }: Change,
    request: CommandRequest,
  ): Promise<{ readonly sent: Sent; readonly error?: unknown }> {
    const sender = this.senderAt(request.place);
    // Until a command is on its way, whatever fails has certainly started nothing.
    let isOnItsWay = false;
    try {
      await sender.config.credentials();
      const { Command } = await withVersion(this.versionOf, document, request, async (version) => {
        const named = { document, version, name };
        const command = sendCommand(named, request, parameters, this.settings.deliverySeconds, spread);
        isOnItsWay = true;
        try {
          return await sender.send(command);
        } catch (error) {
          isOnItsWay = !isRefusal(error) && !hasNeverLeft(error);
          throw error;
        }
      });
      if (Command?.CommandId === undefined)
        return { sent: { kind: 'unknown', why: `SSM gave no id for the ${name}.` } };
      return { sent: { kind: 'sent', commandId: Command.CommandId, documentHash: document.hash } };
    } catch (error) {
      const why = `the ${name} could not be sent: ${messageOf(error)}`;
      return { sent: { kind: isOnItsWay ? 'unknown' : 'not-sent', why }, error };
    }
  }
}

/** What is sent to change nodes. */
interface Change {
  readonly document: DocumentText;
  /** As sentences call it. */
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly spread: Spread;
}

/** Errors of a connection that never came to be, so that nothing was said over it (Node, `net` and `dns`). */
const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

const hasNeverLeft = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && NEVER_CONNECTED.has(String(error.code));

/** Only an answer of the service with a client error proves that nothing was started. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof SSMServiceException)) return false;
  const status = error.$metadata.httpStatusCode ?? 0;
  return status >= 400 && status < 500;
}
