import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NodeTags } from '../../src/core/node-tags.ts';
import { type AwsKey, refuseSignature } from '../aws-key.ts';
import { type LocalServer, listenLocally, readBody } from '../http-server.ts';
import { Associations } from './associations.ts';
import { type Command, startCommand } from './command.ts';
import { documentOperations } from './document-operations.ts';
import type { LocalDocument } from './documents.ts';
import type { LocalNode } from './local-node.ts';
import { page, parse } from './reading.ts';
import { DocumentRegistry } from './registry.ts';
import {
  CancelCommandRequest,
  CreateAssociationRequest,
  DeleteAssociationRequest,
  DescribeInstanceInformationRequest,
  GetCommandInvocationRequest,
  ListAssociationsRequest,
  ListCommandInvocationsRequest,
  ListCommandsRequest,
  SendCommandRequest,
} from './requests.ts';
import { commandShape, instanceShape, invocationShape, listedInvocationShape } from './responses.ts';
import { SsmError } from './ssm-error.ts';

/**
 * `throttled`: turned away as one call too many. `lost`: cut off before it had any effect; `answer-lost`: cut off after.
 */
export type CommandFault = 'throttled' | 'lost' | 'answer-lost';

/** What goes wrong with a call of this name and body, as it was sent. */
export type FaultOf = (operation: string, body: string) => CommandFault | undefined;

/** What the endpoint serves. */
export interface SsmEndpointOptions {
  /** Requests that are not signed with it are refused; `undefined` takes any, where nothing runs on the nodes. */
  readonly key: AwsKey | undefined;
  /** The first version of each document; more come by UpdateDocument. */
  readonly documents: ReadonlyMap<string, LocalDocument>;
  readonly nodes: readonly LocalNode[];
  /** Tags of which a node carries one that commands may be sent to, as IAM holds the roles to them; all nodes when absent. */
  readonly reachable?: NodeTags;
  /** What goes wrong with a call; without it, or where it says nothing, none does. */
  readonly faultOf?: FaultOf;
  /** How long after SendCommand an invocation cannot be asked for, in milliseconds. Default 150. */
  readonly visibleAfterMs?: number;
  /** How long a second of a document's time limit takes, in milliseconds: the less, the sooner its time is over. Default 1000. */
  readonly secondMs?: number;
}

/**
 * Systems Manager's Run Command on this machine: AWS JSON 1.1 over HTTP, so that the real `@aws-sdk/client-ssm` talks to
 * it, and every refusal has the service's own error name.
 */
export async function startSsmEndpoint(options: SsmEndpointOptions): Promise<LocalServer> {
  const registry = new DocumentRegistry(options.documents);
  const associations = new Associations(registry, options.nodes);
  const operations = {
    ...operationsOf(options, registry),
    ...documentOperations(registry),
    ...associationOperations(associations),
  };
  const server = await listenLocally(async (request, response) => {
    try {
      const body = await readBody(request);
      const fault = options.faultOf?.(operationOf(request), body.toString('utf8'));
      if (fault === 'throttled') throw new SsmError('ThrottlingException', 'Rate exceeded');
      const answered = fault === 'lost' ? {} : answer(request, body, operations, options.key);
      if (fault === undefined) reply(response, 200, answered);
      else request.socket.destroy();
    } catch (error) {
      if (!(error instanceof SsmError)) throw error;
      reply(response, 400, { __type: error.name, message: error.message });
    }
  });
  return {
    ...server,
    close: async () => {
      associations.close();
      await server.close();
    },
  };
}

type Operations = Readonly<Record<string, (body: unknown) => object>>;

const PREFIX = 'AmazonSSM.';

/** The name of the operation; nothing where the service knows no such form. */
function operationOf({ headers }: IncomingMessage): string {
  const target = String(headers['x-amz-target'] ?? '');
  return target.startsWith(PREFIX) ? target.slice(PREFIX.length) : '';
}

function answer(
  request: IncomingMessage,
  body: Buffer,
  operations: Operations,
  key: AwsKey | undefined,
): object {
  const operation = operations[operationOf(request)];
  if (operation === undefined)
    throw new SsmError(
      'UnknownOperationException',
      `Unknown operation ${String(request.headers['x-amz-target'])}.`,
    );
  const refusal = key === undefined ? undefined : refuseSignature(request, body, key);
  if (refusal !== undefined) {
    const isSigned = request.headers.authorization !== undefined;
    const name = isSigned ? 'InvalidSignatureException' : 'MissingAuthenticationTokenException';
    throw new SsmError(name, refusal);
  }
  return operation(parsedJson(body.toString('utf8')));
}

function operationsOf(options: SsmEndpointOptions, registry: DocumentRegistry): Operations {
  const { nodes, reachable, visibleAfterMs = 150, secondMs = 1000 } = options;
  const pace = { visibleAfterMs, secondMs };
  const nodesById = new Map(nodes.map((node) => [node.instanceId, node]));
  const commands = new Map<string, Command>();
  return {
    SendCommand(body) {
      const command = startCommand(parse(SendCommandRequest, body), registry, nodesById, pace, reachable);
      commands.set(command.id, command);
      return { Command: commandShape(command) };
    },
    ListCommands(body) {
      const wanted = parse(ListCommandsRequest, body);
      const all = [...commands.values()].filter(
        ({ id, requestedAt }) =>
          (wanted.CommandId === undefined || id === wanted.CommandId) &&
          Date.now() - requestedAt.getTime() >= visibleAfterMs,
      );
      const { items, next } = page(all, wanted);
      return { Commands: items.map(commandShape), ...next };
    },
    ListCommandInvocations(body) {
      const wanted = parse(ListCommandInvocationsRequest, body);
      const all = [...commands.values()]
        .filter((command) => wanted.CommandId === undefined || command.id === wanted.CommandId)
        .flatMap((command) => command.invocations.map((invocation) => ({ command, invocation })))
        .filter(({ invocation }) => invocation.isVisible())
        .filter(
          ({ invocation }) => wanted.InstanceId === undefined || invocation.instanceId === wanted.InstanceId,
        );
      const { items, next } = page(all, wanted);
      return {
        CommandInvocations: items.map(({ command, invocation }) =>
          listedInvocationShape(command, invocation, wanted.Details),
        ),
        ...next,
      };
    },
    GetCommandInvocation(body) {
      const wanted = parse(GetCommandInvocationRequest, body);
      const command = commands.get(wanted.CommandId);
      const invocation = command?.invocations.find(({ instanceId }) => instanceId === wanted.InstanceId);
      if (command === undefined || invocation === undefined || !invocation.isVisible()) {
        throw new SsmError(
          'InvocationDoesNotExist',
          'An invocation does not exist for this command and instance.',
        );
      }
      if (wanted.PluginName !== undefined && wanted.PluginName !== command.document.stepName) {
        throw new SsmError('InvalidPluginName', `The document has no step ${wanted.PluginName}.`);
      }
      return invocationShape(command, invocation);
    },
    CancelCommand(body) {
      const wanted = parse(CancelCommandRequest, body);
      const command = commands.get(wanted.CommandId);
      if (command === undefined)
        throw new SsmError('InvalidCommandId', `There is no command ${wanted.CommandId}.`);
      for (const invocation of command.invocations) {
        if (wanted.InstanceIds.length === 0 || wanted.InstanceIds.includes(invocation.instanceId))
          invocation.cancel();
      }
      return {};
    },
    DescribeInstanceInformation(body) {
      const wanted = parse(DescribeInstanceInformationRequest, body);
      const all = nodes.filter((node) => wanted.Filters.every((filter) => isSelected(node, filter)));
      const { items, next } = page(all, wanted);
      return { InstanceInformationList: items.map(instanceShape), ...next };
    },
  };
}

function associationOperations(associations: Associations): Operations {
  return {
    CreateAssociation: (body) => associations.create(parse(CreateAssociationRequest, body)),
    ListAssociations: (body) => associations.list(parse(ListAssociationsRequest, body)),
    DeleteAssociation: (body) => associations.delete(parse(DeleteAssociationRequest, body).AssociationId),
  };
}

function isSelected(node: LocalNode, filter: { Key: string; Values: string[] }): boolean {
  if (filter.Key === 'InstanceIds') return filter.Values.includes(node.instanceId);
  if (filter.Key === 'PingStatus') return filter.Values.includes(node.ping());
  if (filter.Key === 'tag-key') return filter.Values.some((key) => Object.hasOwn(node.tags, key));
  if (filter.Key.startsWith('tag:')) {
    const tag = node.tags[filter.Key.slice('tag:'.length)];
    return tag !== undefined && filter.Values.includes(tag);
  }
  throw new SsmError(
    'InvalidInstanceInformationFilterValue',
    `The filter key ${filter.Key} is not served here.`,
  );
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SsmError('SerializationException', 'The request is no JSON.');
  }
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify(body));
}
