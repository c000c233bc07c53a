import type { NodeTags } from '../../core/node-tags.ts';
import type { CollectionSent, CommandRequest } from '../../core/ports.ts';
import type { DocumentText } from '../../core/record/document-pin.ts';
import { NoCommandIdError } from '../errors.ts';
import type { SsmClientAt } from './clients.ts';
import type { OutputFolder, ReadOutput } from './command-output.ts';
import { SsmCommandResults } from './command-results.ts';
import { type VersionOf, withVersion } from './document-versions.ts';
import { sendAround } from './send-around.ts';
import { ALL_AT_ONCE, sendCommand } from './send-command.ts';

/** How what only reads nodes is sent. */
export interface ReadSettings {
  readonly deliverySeconds: number;
  /** Where the service is to keep the whole output; absent when the first 24,000 characters are enough. */
  readonly output?: OutputFolder | undefined;
  /** What IAM asks of a node before anything is sent to it; only told where something was refused. */
  readonly nodeTags?: NodeTags | undefined;
}

/** What is asked of nodes. */
interface Reading {
  /** As the console calls the command, and the word for doing it. */
  readonly name: string;
  /** As sentences call it. */
  readonly what: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Sends the one document that it has, which only reads: to all nodes that can be sent to. */
export class SsmReadCommands<Settings extends ReadSettings> extends SsmCommandResults {
  protected readonly settings: Settings;
  private readonly document: DocumentText;
  private readonly versionOf: VersionOf;

  constructor(
    clientAt: SsmClientAt,
    document: DocumentText,
    versionOf: VersionOf,
    settings: Settings,
    readOutput?: ReadOutput,
  ) {
    super(clientAt, readOutput);
    this.document = document;
    this.versionOf = versionOf;
    this.settings = settings;
  }

  /** @throws NoCommandIdError where Systems Manager took it and gave no id */
  protected async sendReading(reading: Reading, request: CommandRequest): Promise<CollectionSent> {
    const { parts, refused } = await sendAround(
      request.instanceIds,
      (instanceIds) => this.sendTo(reading, { ...request, instanceIds }),
      { again: reading.name, nodeTags: this.settings.nodeTags },
    );
    const commands = parts.map(({ sent: commandId, instanceIds }) => ({ commandId, instanceIds }));
    return { documentHash: this.document.hash, commands, refused };
  }

  /** @returns the id of the command */
  private async sendTo({ name, what, parameters }: Reading, request: CommandRequest): Promise<string> {
    const { deliverySeconds, output } = this.settings;
    const { document } = this;
    const { Command } = await withVersion(this.versionOf, document, request, async (version) => {
      const named = { document, version, name };
      const command = sendCommand(named, request, parameters, deliverySeconds, ALL_AT_ONCE);
      if (output !== undefined) {
        command.input.OutputS3BucketName = output.bucket;
        command.input.OutputS3KeyPrefix = output.prefix;
      }
      return await this.clientAt(request.place).send(command);
    });
    if (Command?.CommandId === undefined)
      throw new NoCommandIdError(`SSM accepted the ${what} without giving its id.`);
    return Command.CommandId;
  }
}
