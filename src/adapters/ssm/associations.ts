import {
  AssociationAlreadyExists,
  AssociationDoesNotExist,
  CreateAssociationCommand,
  DeleteAssociationCommand,
  DescribeDocumentCommand,
  ListAssociationsCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { messageOf } from '../../core/errors.ts';
import type { AssociationCommands, AssociationCreated } from '../../core/ports.ts';
import { ASSOCIATION_TAG, associationName, type GroupTag } from '../../core/record/association.ts';
import { DocumentChangedError } from '../errors.ts';
import { isRefusal, type PinnedDocument } from './commands.ts';

/** Shortest interval that State Manager takes (Systems Manager user guide, "Cron and rate expressions for associations"). */
const SCHEDULE = 'rate(30 minutes)';

/** State Manager associations that run medic-raise in `mode=ensure`, and nothing else. */
export class SsmAssociations implements AssociationCommands {
  private readonly sender: SSMClient;
  private readonly reader: SSMClient;
  private readonly document: PinnedDocument;
  private readonly nodeTag: GroupTag | undefined;

  /**
   * @param sender client that never retries; `reader` may
   * @param nodeTag tag that every node carries which the service may change at all
   */
  constructor(sender: SSMClient, reader: SSMClient, document: PinnedDocument, nodeTag: GroupTag | undefined) {
    this.sender = sender;
    this.reader = reader;
    this.document = document;
    this.nodeTag = nodeTag;
  }

  async create(request: Parameters<AssociationCommands['create']>[0]): Promise<AssociationCreated> {
    const { incidentId, nonce, max, buckets } = request;
    try {
      const documentVersion = await this.versionOfDocument();
      const { AssociationDescription: made } = await this.sender.send(
        new CreateAssociationCommand({
          Name: this.document.name,
          DocumentVersion: documentVersion,
          AssociationName: associationName(incidentId),
          Tags: [{ Key: ASSOCIATION_TAG.key, Value: ASSOCIATION_TAG.value }],
          Targets: this.targetsOf(request.tags),
          ScheduleExpression: SCHEDULE,
          // Few nodes at a time, and no further one after the first that fails.
          MaxConcurrency: '10%',
          MaxErrors: '0',
          Parameters: {
            nonce: [nonce],
            incident: [incidentId],
            mode: ['ensure'],
            fromMax: [String(max)],
            toMax: [String(max)],
            fromBuckets: [String(buckets)],
            toBuckets: [String(buckets)],
          },
        }),
      );
      if (made?.AssociationId === undefined)
        return { kind: 'unknown', why: 'State Manager gave no id for the association.' };
      const { AssociationId: associationId } = made;
      return { kind: 'created', associationId, documentHash: this.document.hash, documentVersion };
    } catch (error) {
      const why = `The association could not be created: ${messageOf(error)}`;
      // One of the same name is ours from an attempt whose answer was lost.
      const isCertain =
        error instanceof DocumentChangedError ||
        (isRefusal(error) && !(error instanceof AssociationAlreadyExists));
      return { kind: isCertain ? 'refused' : 'unknown', why };
    }
  }

  async find(incidentId: string): Promise<readonly string[]> {
    const found: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await this.reader.send(
        new ListAssociationsCommand({
          AssociationFilterList: [{ key: 'AssociationName', value: associationName(incidentId) }],
          NextToken,
        }),
      );
      found.push(...(page.Associations ?? []).flatMap(({ AssociationId }) => AssociationId ?? []));
      NextToken = page.NextToken === '' ? undefined : page.NextToken;
    } while (NextToken !== undefined);
    return found;
  }

  async delete(associationId: string): Promise<void> {
    try {
      await this.reader.send(new DeleteAssociationCommand({ AssociationId: associationId }));
    } catch (error) {
      if (!(error instanceof AssociationDoesNotExist)) throw error;
    }
  }

  private targetsOf(tags: readonly GroupTag[]) {
    const { nodeTag } = this;
    const isNamed = nodeTag === undefined || tags.some(({ key }) => key === nodeTag.key);
    const all = isNamed ? tags : [...tags, nodeTag];
    return all.map(({ key, value }) => ({ Key: `tag:${key}`, Values: [value] }));
  }

  /**
   * An association takes a version, not a hash: the version is pinned after its content was compared.
   * @throws DocumentChangedError when the document is another one than this service was built with
   */
  private async versionOfDocument(): Promise<string> {
    const { name, hash } = this.document;
    const { Document: found } = await this.reader.send(new DescribeDocumentCommand({ Name: name }));
    if (found?.Hash !== hash || found.DocumentVersion === undefined)
      throw new DocumentChangedError(
        `${name} is not the document that this service was built with; deploy again.`,
      );
    return found.DocumentVersion;
  }
}
