import type { DocumentName } from '../../../local/ssm/local-node.ts';
import type { TraceCommands } from '../../../src/core/incident/syn-trace/ports.ts';
import { commandOf } from '../../../src/core/plan/kinds.ts';
import type {
  CollectCommands,
  CommandOutput,
  CommandRequest,
  RemediateCommands,
} from '../../../src/core/ports.ts';
import type { ModelNode } from './model-node.ts';

/**
 * Sends commands straight to model nodes, without Systems Manager between. The first look at several nodes finds one of them
 * still at work, so that there is a progress to tell.
 *
 * @param refusal why no collection can be sent at the moment; `undefined` where one can
 */
export function modelCommands(
  nodes: readonly ModelNode[],
  refusal: () => string | undefined,
): CollectCommands & RemediateCommands & TraceCommands {
  const documentHash = 'a'.repeat(64);
  const sent = new Map<string, { readonly outputs: readonly CommandOutput[]; looks: number }>();
  const send = async (
    document: DocumentName,
    { instanceIds, nonce, incidentId }: CommandRequest,
    parameters: Readonly<Record<string, string>> = {},
  ): Promise<string> => {
    const outputs = instanceIds.map(async (instanceId): Promise<CommandOutput> => {
      const node = nodes.find((one) => one.instanceId === instanceId);
      if (node === undefined) throw new Error(`There is no node ${instanceId}.`);
      const { stdout, exitCode } = await node.run(document, { nonce, incident: incidentId, ...parameters });
      return { kind: 'output', instanceId, text: stdout, exitCode };
    });
    const id = `c-${sent.size + 1}`;
    sent.set(id, { outputs: await Promise.all(outputs), looks: 0 });
    return id;
  };
  return {
    async collect(request) {
      const why = refusal();
      if (why !== undefined) throw new Error(why);
      const { instanceIds } = request;
      const commandId = await send('medic-collect', request);
      return { commands: [{ commandId, instanceIds }], documentHash, refused: [] };
    },
    async trace({ seconds, port = 'any', ...request }) {
      const { instanceIds } = request;
      const parameters = { seconds: String(seconds), port: String(port), points: 'auto' };
      const commandId = await send('medic-trace', request, parameters);
      return { commands: [{ commandId, instanceIds }], documentHash, refused: [] };
    },
    hasStartedNothing: () => true,
    async change({ plan, ...request }) {
      const commandId = await send('medic-raise', request, commandOf(plan).parameters);
      return [{ kind: 'sent', commandId, documentHash, instanceIds: request.instanceIds }];
    },
    async rollback(request) {
      const commandId = await send('medic-rollback', request);
      return [{ kind: 'sent', commandId, documentHash, instanceIds: request.instanceIds }];
    },
    async progress(id, { length }) {
      const command = sent.get(id);
      if (command === undefined) throw new Error(`There is no command ${id}.`);
      command.looks += 1;
      return { finished: length > 1 && command.looks === 1 ? length - 1 : length, total: length };
    },
    async outputs(id) {
      return sent.get(id)?.outputs ?? [];
    },
  };
}
