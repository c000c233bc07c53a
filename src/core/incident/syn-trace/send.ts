import { messageOf } from '../../errors.ts';
import type { CommandOutput } from '../../ports.ts';
import type { Diagnosis } from '../../record/diagnosis.ts';
import type { Incident } from '../../record/incident.ts';
import { type NodePlace, placeOfNodes } from '../../record/place.ts';
import type { NodeTrace } from '../../record/traced/found.ts';
import type { SynTrace } from '../../record/traced/order.ts';
import { readingsOf } from '../../remediation/readings.ts';
import { nodeTraceOf } from './found.ts';
import { WHY_CHARS } from './order.ts';
import type { TracePorts } from './ports.ts';

/** A trace that was sent. */
export interface SentTrace {
  /** Hex SHA-256 of the document that ran. */
  readonly documentHash: string;
  /** Marks what it writes. */
  readonly nonce: string;
  readonly commands: readonly { readonly commandId: string; readonly instanceIds: readonly string[] }[];
  /** Nodes that no command goes to, each with one sentence on why. */
  readonly missed: readonly { readonly instanceId: string; readonly why: string }[];
  /** Where the nodes are; absent where that is the service's own account and region. */
  readonly place?: NodePlace;
}

/** Sends a trace to its nodes. Sending twice costs a read: of two at once on a node the second refuses. */
export async function sendTrace(
  { traces }: Pick<TracePorts, 'traces'>,
  { head }: Pick<Incident, 'head'>,
  { instanceIds, seconds, port }: SynTrace,
  nonce: string,
): Promise<SentTrace> {
  const place = placeOfNodes(head, instanceIds);
  const { documentHash, commands, refused } = await traces.trace({
    instanceIds,
    nonce,
    incidentId: head.id,
    place,
    seconds,
    port,
  });
  return {
    documentHash,
    nonce,
    commands,
    missed: refused.map(({ instanceId, why }) => ({ instanceId, why })),
    ...(place === undefined ? {} : { place }),
  };
}

/** Reads what came of a trace on each of its nodes, in their order, and keeps what belongs into the evidence store. */
export async function readTraces(
  ports: TracePorts,
  incident: Incident,
  { number, instanceIds }: SynTrace,
  sent: SentTrace,
): Promise<readonly NodeTrace[]> {
  const { id: incidentId } = incident.head;
  const pseudonymOf = await ports.pseudonymsOf(incidentId);
  const readings = readingsOf(incident);
  const outputs = await outputsOf(ports, sent);
  const found: NodeTrace[] = [];
  for (const instanceId of instanceIds) {
    const output = outputs.get(instanceId);
    if (output === undefined) {
      const missed = sent.missed.find((one) => one.instanceId === instanceId);
      const why = missed?.why ?? `${instanceId}: no command went to it.`;
      found.push({ instanceId, outcome: { kind: 'failed', why: why.slice(0, WHY_CHARS) } });
      continue;
    }
    const about = {
      incidentId,
      number,
      nonce: sent.nonce,
      diagnosis: diagnosisOf(readings, instanceId),
      pseudonymOf,
    };
    const { commandId } = sent.commands.find((one) => one.instanceIds.includes(instanceId)) ?? {};
    const trace = await nodeTraceOf(ports, output, about);
    found.push({
      ...trace,
      ...(commandId === undefined ? {} : { command: { id: commandId, documentHash: sent.documentHash } }),
    });
  }
  return found;
}

function diagnosisOf(readings: ReturnType<typeof readingsOf>, instanceId: string): Diagnosis | undefined {
  const outcome = readings.get(instanceId)?.basis.outcome;
  return outcome?.kind === 'diagnosed' ? outcome.diagnosis : undefined;
}

/** What came of the commands, by node; of one that can not be read at all its nodes count as unread. */
async function outputsOf(
  { traces }: Pick<TracePorts, 'traces'>,
  { commands, place }: SentTrace,
): Promise<ReadonlyMap<string, CommandOutput>> {
  const outputs = new Map<string, CommandOutput>();
  for (const { commandId, instanceIds } of commands) {
    try {
      for (const output of await traces.outputs(commandId, instanceIds, place))
        outputs.set(output.instanceId, output);
    } catch (error) {
      const why = `what its command wrote could not be read: ${messageOf(error)}`;
      for (const instanceId of instanceIds)
        outputs.set(instanceId, { kind: 'none', instanceId, why: `${instanceId}: ${why}`, ran: true });
    }
  }
  return outputs;
}
