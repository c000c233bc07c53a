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
import type { DocumentText } from '../../core/record/document-pin.ts';
import type { NodePlan } from '../../core/record/plan.ts';
import { NoCommandIdError } from '../errors.ts';
import type { SsmClientAt } from './clients.ts';
import type { OutputFolder, ReadOutput } from './command-output.ts';
import { SsmCommandResults } from './command-results.ts';
import { type VersionOf, withVersion } from './document-versions.ts';
import { sendAround } from './send-around.ts';

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

/**
 * Sends medic-rollback and the documents that carry out a plan, each call exactly once.
 * @throws Error when the client would send again by itself: give it `maxAttempts: 1`
 */
export class SsmRemediateCommands extends SsmCommandResults implements RemediateCommands {
  private readonly documents: RemediateDocuments;
  private readonly versionOf: VersionOf;
  private readonly deliverySeconds: number;
  private readonly senderAt: SsmClientAt;

  /** @param senderAt opens clients that never retry; those of `readerAt` may */
  constructor(
    senderAt: SsmClientAt,
    readerAt: SsmClientAt,
    documents: RemediateDocuments,
    versionOf: VersionOf,
    deliverySeconds: number,
  ) {
    super(readerAt);
    this.senderAt = senderAt;
    this.documents = documents;
    this.versionOf = versionOf;
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
    document: DocumentText,
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
    // Until a command is on its way, whatever fails has certainly started nothing.
    let isOnItsWay = false;
    try {
      const { Command } = await withVersion(this.versionOf, document, request, async (version) => {
        const named = { document, version, name: what };
        const command = sendCommand(named, request, parameters, this.deliverySeconds, spread);
        isOnItsWay = true;
        try {
          return await sender.send(command);
        } catch (error) {
          isOnItsWay = !isRefusal(error);
          throw error;
        }
      });
      if (Command?.CommandId === undefined)
        return { kind: 'unknown', why: `SSM gave no id for the ${what}.` };
      return { kind: 'sent', commandId: Command.CommandId, documentHash: document.hash };
    } catch (error) {
      const why = `the ${what} could not be sent: ${messageOf(error)}`;
      return { kind: isOnItsWay ? 'unknown' : 'not-sent', why };
    }
  }
}

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
function sendCommand(
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
