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
} from '../../core/ports.ts';
import type { NodePlan } from '../../core/record/plan.ts';
import { NoCommandIdError } from '../errors.ts';
import type { SsmClientAt } from './clients.ts';
import type { OutputFolder, ReadOutput } from './command-output.ts';
import { SsmCommandResults } from './command-results.ts';
import { sendAround } from './send-around.ts';

/** One of our documents, pinned to its exact content: another content under the same name is refused by the service. */
export interface PinnedDocument {
  readonly name: string;
  /** Hex SHA-256 of the content. */
  readonly hash: string;
}

/** How a command on several nodes spreads, and what stops it (Systems Manager API reference, SendCommand). */
interface Spread {
  readonly MaxConcurrency: string;
  readonly MaxErrors: string;
}

/** Reading, and going back, concern each node by itself: what fails on one must not keep the others from it. */
const ALL_AT_ONCE: Spread = { MaxConcurrency: '50', MaxErrors: '100%' };
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
  private readonly document: PinnedDocument;
  private readonly settings: CollectSettings;

  constructor(
    clientAt: SsmClientAt,
    document: PinnedDocument,
    settings: CollectSettings,
    readOutput?: ReadOutput,
  ) {
    super(clientAt, readOutput);
    this.document = document;
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

  /** @returns the id of the command */
  private async sendTo(request: CommandRequest): Promise<string> {
    const { sampleSeconds, deliverySeconds } = this.settings;
    const parameters = { nonce: request.nonce, sampleSeconds: String(sampleSeconds) };
    const command = sendCommand(this.document, request, parameters, 'collect', deliverySeconds, ALL_AT_ONCE);
    const { output } = this.settings;
    if (output !== undefined) {
      command.input.OutputS3BucketName = output.bucket;
      command.input.OutputS3KeyPrefix = output.prefix;
    }
    const { Command } = await this.clientAt(request.place).send(command);
    if (Command?.CommandId === undefined)
      throw new NoCommandIdError('SSM accepted the collection without giving its id.');
    return Command.CommandId;
  }
}

/** The documents that change a node. */
export type RemediateDocuments = Readonly<Record<ChangeDocument | 'rollback', PinnedDocument>>;

/**
 * Sends medic-rollback and the documents that carry out a plan, each call exactly once.
 * @throws Error when the client would send again by itself: give it `maxAttempts: 1`
 */
export class SsmRemediateCommands extends SsmCommandResults implements RemediateCommands {
  private readonly documents: RemediateDocuments;
  private readonly deliverySeconds: number;
  private readonly senderAt: SsmClientAt;

  /** @param senderAt opens clients that never retry; those of `readerAt` may */
  constructor(
    senderAt: SsmClientAt,
    readerAt: SsmClientAt,
    documents: RemediateDocuments,
    deliverySeconds: number,
  ) {
    super(readerAt);
    this.senderAt = senderAt;
    this.documents = documents;
    this.deliverySeconds = deliverySeconds;
  }

  async change({ plan, ...request }: CommandRequest & { readonly plan: NodePlan }): Promise<Sent> {
    const { document, parameters: own } = commandOf(plan);
    const common = { nonce: request.nonce, incident: request.incidentId };
    const parameters = { ...common, ...own };
    return await this.sendOnce(
      this.documents[document],
      request,
      stepName(plan.kind),
      parameters,
      FEW_AND_CAREFUL,
    );
  }

  async rollback(request: CommandRequest): Promise<Sent> {
    const parameters = { nonce: request.nonce, incident: request.incidentId };
    return await this.sendOnce(this.documents.rollback, request, 'rollback', parameters, ALL_AT_ONCE);
  }

  private async sendOnce(
    document: PinnedDocument,
    request: CommandRequest,
    what: string,
    parameters: Readonly<Record<string, string>>,
    spread: Spread,
  ): Promise<Sent> {
    const sender = this.senderAt(request.place);
    if ((await sender.config.maxAttempts()) !== 1)
      throw new Error('A client that retries must not send changes.');
    try {
      await sender.config.credentials();
    } catch (error) {
      return { kind: 'not-sent', why: `the ${what} could not be sent: ${messageOf(error)}` };
    }
    try {
      const command = sendCommand(document, request, parameters, what, this.deliverySeconds, spread);
      const { Command } = await sender.send(command);
      if (Command?.CommandId === undefined)
        return { kind: 'unknown', why: `SSM gave no id for the ${what}.` };
      return { kind: 'sent', commandId: Command.CommandId, documentHash: document.hash };
    } catch (error) {
      const why = `the ${what} could not be sent: ${messageOf(error)}`;
      return { kind: isRefusal(error) ? 'not-sent' : 'unknown', why };
    }
  }
}

/** Only an answer of the service with a client error proves that nothing was started. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof SSMServiceException)) return false;
  const status = error.$metadata.httpStatusCode ?? 0;
  return status >= 400 && status < 500;
}

function sendCommand(
  document: PinnedDocument,
  { instanceIds, incidentId }: CommandRequest,
  parameters: Readonly<Record<string, string>>,
  what: string,
  deliverySeconds: number,
  spread: Spread,
): SendCommandCommand {
  return new SendCommandCommand({
    DocumentName: document.name,
    DocumentHash: document.hash,
    DocumentHashType: 'Sha256',
    InstanceIds: [...instanceIds],
    Parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]])),
    Comment: `conntrack-medic ${what} ${incidentId}`.slice(0, COMMENT_MAX_CHARS),
    TimeoutSeconds: deliverySeconds,
    ...spread,
  });
}
