import type { TraceCommands, TraceWish } from '../../core/incident/syn-trace/ports.ts';
import type { CollectionSent, CommandRequest } from '../../core/ports.ts';
import type { DocumentText } from '../../core/record/document-pin.ts';
import { NoCommandIdError } from '../errors.ts';
import type { SsmClientAt } from './clients.ts';
import type { ReadOutput } from './command-output.ts';
import { SsmCommandResults } from './command-results.ts';
import { ALL_AT_ONCE, type CollectSettings, sendCommand } from './commands.ts';
import { type VersionOf, withVersion } from './document-versions.ts';
import { sendAround } from './send-around.ts';

/** Sends medic-trace, and nothing else: it knows no other document. */
export class SsmTraceCommands extends SsmCommandResults implements TraceCommands {
  readonly #document: DocumentText;
  readonly #versionOf: VersionOf;
  readonly #settings: Omit<CollectSettings, 'sampleSeconds'>;

  constructor(
    clientAt: SsmClientAt,
    document: DocumentText,
    versionOf: VersionOf,
    settings: Omit<CollectSettings, 'sampleSeconds'>,
    readOutput?: ReadOutput,
  ) {
    super(clientAt, readOutput);
    this.#document = document;
    this.#versionOf = versionOf;
    this.#settings = settings;
  }

  async trace(request: CommandRequest & TraceWish): Promise<CollectionSent> {
    const { parts, refused } = await sendAround(
      request.instanceIds,
      (instanceIds) => this.#sendTo({ ...request, instanceIds }),
      this.#settings.nodeTags,
    );
    const commands = parts.map(({ sent: commandId, instanceIds }) => ({ commandId, instanceIds }));
    return { documentHash: this.#document.hash, commands, refused };
  }

  /** @returns the id of the command */
  async #sendTo({ seconds, port, points = 'auto', ...request }: CommandRequest & TraceWish): Promise<string> {
    const { deliverySeconds, output } = this.#settings;
    const parameters = {
      nonce: request.nonce,
      seconds: String(seconds),
      port: port === undefined ? 'any' : String(port),
      points,
    };
    const { Command } = await withVersion(this.#versionOf, this.#document, request, async (version) => {
      const what = { document: this.#document, version, name: 'trace' };
      const command = sendCommand(what, request, parameters, deliverySeconds, ALL_AT_ONCE);
      if (output !== undefined) {
        command.input.OutputS3BucketName = output.bucket;
        command.input.OutputS3KeyPrefix = output.prefix;
      }
      return await this.clientAt(request.place).send(command);
    });
    if (Command?.CommandId === undefined)
      throw new NoCommandIdError('SSM accepted the trace without giving its id.');
    return Command.CommandId;
  }
}
