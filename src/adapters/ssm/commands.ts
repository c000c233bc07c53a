import { SendCommandCommand, SSMServiceException } from '@aws-sdk/client-ssm';
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
import { NoCommandIdError } from '../errors.ts';
import { isOutage } from '../waiting/outage.ts';
import type { SsmClientAt } from './clients.ts';
import type { OutputFolder, ReadOutput } from './command-output.ts';
import { SsmCommandResults } from './command-results.ts';
import { type VersionOf, withVersion } from './document-versions.ts';
import { refusalOfNodes, sendAround } from './send-around.ts';

/** How a command on several nodes spreads, and what stops it (Systems Manager API reference, SendCommand). */
interface Spread {
  readonly MaxConcurrency: string;
  readonly MaxErrors: string;
}

/** Reading, and going back, concern each node by itself: what fails on one must not keep the others from it. */
export const ALL_AT_ONCE: Spread = { MaxConcurrency: '50', MaxErrors: '100%' };
/** A change goes to some nodes at a time, and one that fails or refuses keeps it from the nodes that wait. */
const FEW_AND_CAREFUL: Spread = { MaxConcurrency: '10', MaxErrors: '0' };

/** Longest comment that SendCommand takes. */
const COMMENT_MAX_CHARS = 100;

/** How a collection is sent. */
export interface CollectSettings {
  readonly sampleSeconds: number;
  readonly deliverySeconds: number;
  /** Where the service is to keep the whole output; absent when the first 24,000 characters are enough. */
  readonly output?: OutputFolder | undefined;
  /** What IAM asks of a node before anything is sent to it; only told where something was refused. */
  readonly nodeTags?: NodeTags | undefined;
}

/** Sends medic-collect, and nothing else: it knows no other document. */
export class SsmCollectCommands extends SsmCommandResults implements CollectCommands {
  private readonly document: DocumentText;
  private readonly versionOf: VersionOf;
  private readonly settings: CollectSettings;

  constructor(
    clientAt: SsmClientAt,
    document: DocumentText,
    versionOf: VersionOf,
    settings: CollectSettings,
    readOutput?: ReadOutput,
  ) {
    super(clientAt, readOutput);
    this.document = document;
    this.versionOf = versionOf;
    this.settings = settings;
  }

  async collect(request: CommandRequest): Promise<CollectionSent> {
    const { parts, refused } = await sendAround(
      request.instanceIds,
      (instanceIds) => this.sendTo({ ...request, instanceIds }),
      this.settings.nodeTags,
    );
    const commands = parts.map(({ sent: commandId, instanceIds }) => ({ commandId, instanceIds }));
    return { documentHash: this.document.hash, commands, refused };
  }

  hasStartedNothing(error: unknown): boolean {
    return isRefusal(error);
  }

  /** @returns the id of the command */
  private async sendTo(request: CommandRequest): Promise<string> {
    const { sampleSeconds, deliverySeconds } = this.settings;
    const parameters = { nonce: request.nonce, sampleSeconds: String(sampleSeconds) };
    const { output } = this.settings;
    const { Command } = await withVersion(this.versionOf, this.document, request, async (version) => {
      const what = { document: this.document, version, name: 'collect' };
      const command = sendCommand(what, request, parameters, deliverySeconds, ALL_AT_ONCE);
      if (output !== undefined) {
        command.input.OutputS3BucketName = output.bucket;
        command.input.OutputS3KeyPrefix = output.prefix;
      }
      return await this.clientAt(request.place).send(command);
    });
    if (Command?.CommandId === undefined)
      throw new NoCommandIdError('SSM accepted the collection without giving its id.');
    return Command.CommandId;
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
      this.settings.nodeTags,
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
