import { randomUUID } from 'node:crypto';
import { carriesNodeTag, type NodeTags } from '../../src/core/node-tags.ts';
import { type LocalDocument, renderScript, resolveParameters } from './documents.ts';
import { Invocation, type Pace } from './invocation.ts';
import type { LocalNode } from './local-node.ts';
import type { DocumentRegistry } from './registry.ts';
import type { SendCommandRequest } from './requests.ts';
import { SsmError } from './ssm-error.ts';

/** A sent command with one invocation a node. */
export interface Command {
  readonly id: string;
  readonly document: LocalDocument;
  /** Number of the version that runs, whatever was asked for. */
  readonly version: string;
  readonly request: SendCommandRequest;
  readonly parameters: Readonly<Record<string, string>>;
  readonly requestedAt: Date;
  readonly invocations: readonly Invocation[];
}

/**
 * Checks a SendCommand in the service's order and starts it, on as many nodes at once as it says.
 * @param reachable tags of which a node carries one that the role may send to; `undefined` for a role that may send to all
 * @throws SsmError `AccessDeniedException`, `InvalidDocument`, `InvalidDocumentVersion`, `DuplicateInstanceId`, `InvalidInstanceId` or `InvalidParameters`
 */
export function startCommand(
  request: SendCommandRequest,
  registry: DocumentRegistry,
  nodes: ReadonlyMap<string, LocalNode>,
  pace: Pace,
  reachable: NodeTags | undefined,
): Command {
  refuseUntagged(request, nodes, reachable);
  const { document, version } = registry.find(request.DocumentName, request.DocumentVersion);
  if (request.DocumentHash !== undefined && !hashMatches(request, document)) {
    const kind = request.DocumentHashType ?? 'Sha256';
    throw new SsmError('InvalidDocument', `document hash ${request.DocumentHash} does not match ${kind}.`);
  }
  if (new Set(request.InstanceIds).size !== request.InstanceIds.length) {
    throw new SsmError('DuplicateInstanceId', 'An instance was given twice.');
  }
  const isByTag = request.Targets.length > 0;
  const known = isByTag
    ? [...nodes.values()].filter(({ tags }) => request.Targets.every((target) => isTargeted(tags, target)))
    : request.InstanceIds.flatMap((id) => nodes.get(id) ?? []);
  if (!isByTag && known.length < request.InstanceIds.length) {
    const missing = request.InstanceIds.filter((id) => !nodes.has(id));
    throw new SsmError(
      'InvalidInstanceId',
      `Instances [[${missing.join(', ')}]] not in a valid state for account.`,
    );
  }
  const parameters = resolveParameters(document, request.Parameters);
  const script = renderScript(document, parameters);
  const invocations = known.map((node) => new Invocation(node, pace));
  const waiting = [...invocations];
  const most = shareOf(request.MaxErrors, known.length);
  const runOn = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await next.execute(document, parameters, script);
      if (invocations.filter((one) => one.hasFailed()).length > most)
        for (const one of waiting.splice(0)) one.terminate();
    }
  };
  const atOnce = Math.max(1, shareOf(request.MaxConcurrency, known.length));
  for (let lane = 0; lane < Math.min(atOnce, known.length); lane++) void runOn();
  return { id: randomUUID(), document, version, request, parameters, requestedAt: new Date(), invocations };
}

/**
 * IAM decides before anything else is looked at, about the request as a whole: the first instance whose tags do not fulfil
 * the condition is named, and one that does not exist has no tags.
 */
function refuseUntagged(
  { InstanceIds }: SendCommandRequest,
  nodes: ReadonlyMap<string, LocalNode>,
  reachable: NodeTags | undefined,
): void {
  if (reachable === undefined) return;
  const denied = InstanceIds.find((id) => !carriesNodeTag(nodes.get(id)?.tags ?? {}, reachable));
  if (denied === undefined) return;
  throw new SsmError(
    'AccessDeniedException',
    `User: arn:aws:sts::123456789012:assumed-role/local/local is not authorized to perform: ssm:SendCommand on resource: arn:aws:ec2:eu-central-1:123456789012:instance/${denied} because no identity-based policy allows the ssm:SendCommand action`,
  );
}

/** Whether an instance with these tags is one that a target means. */
function isTargeted(
  tags: Readonly<Record<string, string>>,
  { Key, Values }: SendCommandRequest['Targets'][number],
): boolean {
  if (Key === 'tag-key') return Values.some((key) => Object.hasOwn(tags, key));
  const value = tags[Key.slice('tag:'.length)];
  return value !== undefined && Values.includes(value);
}

/** A number, or a percentage of the nodes, as MaxConcurrency and MaxErrors are given. */
function shareOf(text: string, nodes: number): number {
  return text.endsWith('%') ? Math.floor((Number.parseInt(text, 10) / 100) * nodes) : Number(text);
}

function hashMatches(request: SendCommandRequest, document: LocalDocument): boolean {
  return request.DocumentHashType !== 'Sha1' && request.DocumentHash === document.sha256;
}
