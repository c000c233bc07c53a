import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ASSOCIATION_TAG } from '../../src/core/record/association.ts';
import { type LocalDocument, renderScript, resolveParameters } from './documents.ts';
import { Invocation } from './invocation.ts';
import type { LocalNode } from './local-node.ts';
import type { DocumentRegistry } from './registry.ts';
import type { CreateAssociationRequest, ListAssociationsRequest } from './requests.ts';
import { SsmError } from './ssm-error.ts';

/** How often the stand-in looks for nodes that have joined; the service is told of them. */
const LOOK_MS = 500;

/** One association, from created to deleted. */
interface Association {
  readonly id: string;
  readonly request: CreateAssociationRequest;
  readonly document: LocalDocument;
  readonly parameters: Readonly<Record<string, string>>;
  readonly createdAt: Date;
  /** When it ran last on each node, in milliseconds since the Unix epoch. */
  readonly ranAt: Map<string, number>;
}

/**
 * State Manager on this machine: an association runs at once on every node that carries all its tags, on each that joins,
 * and again after its interval; one node after the other, and no further one after the first that fails.
 */
export class Associations {
  private readonly all = new Map<string, Association>();
  private readonly registry: DocumentRegistry;
  private readonly nodes: readonly LocalNode[];
  private isClosed = false;

  constructor(registry: DocumentRegistry, nodes: readonly LocalNode[]) {
    this.registry = registry;
    this.nodes = nodes;
  }

  /** @throws SsmError `AccessDeniedException`, `AssociationAlreadyExists`, `InvalidDocument`, `InvalidDocumentVersion` or `InvalidParameters` */
  create(request: CreateAssociationRequest): object {
    const { document } = this.registry.find(request.Name, request.DocumentVersion);
    if (
      !request.Tags.some(({ Key, Value }) => Key === ASSOCIATION_TAG.key && Value === ASSOCIATION_TAG.value)
    )
      throw new SsmError(
        'AccessDeniedException',
        `The role may create associations with the tag ${ASSOCIATION_TAG.key} only.`,
      );
    if (this.named(request.AssociationName).length > 0)
      throw new SsmError('AssociationAlreadyExists', `${request.AssociationName} already exists.`);
    const association: Association = {
      id: randomUUID(),
      request,
      document,
      parameters: resolveParameters(document, request.Parameters),
      createdAt: new Date(),
      ranAt: new Map(),
    };
    this.all.set(association.id, association);
    void this.keep(association);
    return { AssociationDescription: shapeOf(association) };
  }

  list({ AssociationFilterList: filters }: ListAssociationsRequest): object {
    const found = [...this.all.values()].filter(({ id, request }) =>
      filters.every(({ key, value }) =>
        key === 'AssociationName' ? request.AssociationName === value : id === value,
      ),
    );
    return { Associations: found.map(shapeOf) };
  }

  /** @throws SsmError `AssociationDoesNotExist` */
  delete(id: string): object {
    if (!this.all.delete(id)) throw new SsmError('AssociationDoesNotExist', `There is no association ${id}.`);
    return {};
  }

  close(): void {
    this.isClosed = true;
    this.all.clear();
  }

  private named(name: string): readonly Association[] {
    return [...this.all.values()].filter(({ request }) => request.AssociationName === name);
  }

  private async keep(association: Association): Promise<void> {
    while (!this.isClosed && this.all.has(association.id)) {
      await this.runWhereDue(association);
      await sleep(LOOK_MS, undefined, { ref: false });
    }
  }

  private async runWhereDue({ id, request, document, parameters, ranAt }: Association): Promise<void> {
    const script = renderScript(document, parameters);
    const due = this.nodes.filter(
      (node) =>
        request.Targets.every(({ Key, Values }) =>
          Key === 'tag-key'
            ? Values.some((key) => Object.hasOwn(node.tags, key))
            : Values.includes(node.tags[Key.slice('tag:'.length)] ?? ''),
        ) &&
        node.ping() === 'Online' &&
        Date.now() - (ranAt.get(node.instanceId) ?? 0) >= request.ScheduleExpression * 60_000,
    );
    for (const node of due) {
      if (!this.all.has(id)) return;
      ranAt.set(node.instanceId, Date.now());
      const invocation = new Invocation(node, { visibleAfterMs: 0, secondMs: 1000 });
      await invocation.execute(document, parameters, script);
      if (invocation.status !== 'Success') return;
    }
  }
}

function shapeOf({ id, request, createdAt }: Association) {
  return {
    AssociationId: id,
    AssociationName: request.AssociationName,
    Name: request.Name,
    DocumentVersion: request.DocumentVersion,
    Date: createdAt.getTime() / 1000,
    Targets: request.Targets,
    AssociationVersion: '1',
  };
}
