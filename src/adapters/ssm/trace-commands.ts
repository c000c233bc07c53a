import type { TraceCommands, TraceWish } from '../../core/incident/syn-trace/ports.ts';
import type { CollectionSent, CommandRequest } from '../../core/ports.ts';
import { type ReadSettings, SsmReadCommands } from './read-commands.ts';

/** Sends medic-trace, and nothing else: it knows no other document. */
export class SsmTraceCommands extends SsmReadCommands<ReadSettings> implements TraceCommands {
  async trace({
    seconds,
    port,
    points = 'auto',
    ...request
  }: CommandRequest & TraceWish): Promise<CollectionSent> {
    const parameters = {
      nonce: request.nonce,
      seconds: String(seconds),
      port: port === undefined ? 'any' : String(port),
      points,
    };
    return await this.sendReading({ name: 'trace', what: 'trace', parameters }, request);
  }
}
