import {
  AssociationAlreadyExists,
  AssociationDoesNotExist,
  CreateAssociationCommand,
  DeleteAssociationCommand,
  DescribeInstanceInformationCommand,
  ListAssociationsCommand,
  type SSMClient,
  type Target,
} from '@aws-sdk/client-ssm';
import { messageOf } from '../../core/errors.ts';
import { isNodeTag, type NodeTags, nodeTagsPhrase } from '../../core/node-tags.ts';
import type { AssociationCommands, AssociationCreated } from '../../core/ports.ts';
import { ASSOCIATION_TAG, associationName, type GroupTag } from '../../core/record/association.ts';
import type { DocumentText } from '../../core/record/document-pin.ts';
import { nodeTagFilter } from '../lookups/node-tag-filter.ts';
import { allPages } from '../lookups/pages.ts';
import { isRefusal } from './commands.ts';
import { findVersion } from './document-versions.ts';

/** Shortest interval that State Manager takes (Systems Manager user guide, "Cron and rate expressions for associations"). */
const SCHEDULE = 'rate(30 minutes)';

/** State Manager associations that run medic-raise in `mode=ensure`, and nothing else. */
export class SsmAssociations implements AssociationCommands {
  private readonly sender: SSMClient;
  private readonly reader: SSMClient;
  private readonly document: DocumentText;
  private readonly nodeTags: NodeTags | undefined;

  /**
   * @param sender client that never retries; `reader` may
   * @param nodeTags tags of which a node carries one that the service may change at all; undefined where all may be
   */
  constructor(sender: SSMClient, reader: SSMClient, document: DocumentText, nodeTags: NodeTags | undefined) {
    this.sender = sender;
    this.reader = reader;
    this.document = document;
    this.nodeTags = nodeTags;
  }

  async create(request: Parameters<AssociationCommands['create']>[0]): Promise<AssociationCreated> {
    const { incidentId, nonce, max, buckets } = request;
    let isOnItsWay = false;
    try {
      // An association takes a version and no hash: it is the one whose text was compared.
      const documentVersion = await findVersion(this.reader, this.document);
      const targets = await this.targetsOf(request.tags);
      if (targets === undefined) return { kind: 'refused', why: this.outOfReach() };
      isOnItsWay = true;
      const { AssociationDescription: made } = await this.sender.send(
        new CreateAssociationCommand({
          Name: this.document.name,
          DocumentVersion: documentVersion,
          AssociationName: associationName(incidentId),
          Tags: [{ Key: ASSOCIATION_TAG.key, Value: ASSOCIATION_TAG.value }],
          Targets: targets,
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
      const isCertain = !isOnItsWay || (isRefusal(error) && !(error instanceof AssociationAlreadyExists));
      return { kind: isCertain ? 'refused' : 'unknown', why };
    }
  }

  async find(incidentId: string): Promise<readonly string[]> {
    const AssociationFilterList = [{ key: 'AssociationName' as const, value: associationName(incidentId) }];
    const pages = await allPages((NextToken) =>
      this.reader.send(new ListAssociationsCommand({ AssociationFilterList, NextToken })),
    );
    return pages.flatMap(({ Associations = [] }) =>
      Associations.flatMap(({ AssociationId }) => AssociationId ?? []),
    );
  }

  async delete(associationId: string): Promise<void> {
    try {
      await this.reader.send(new DeleteAssociationCommand({ AssociationId: associationId }));
    } catch (error) {
      if (!(error instanceof AssociationDoesNotExist)) throw error;
    }
  }

  /**
   * The tags that tell the group and, where none of them is one by which nodes are reached, one of those besides: an
   * association must change no node that no command may be sent to. Targets are a conjunction, so it takes the first tag
   * that a node of the group carries.
   * @returns nothing when no node of the group carries any
   */
  private async targetsOf(tags: readonly GroupTag[]): Promise<Target[] | undefined> {
    const { nodeTags } = this;
    const targets = tags.map(({ key, value }) => ({ Key: `tag:${key}`, Values: [value] }));
    if (nodeTags === undefined || tags.some(({ key, value }) => isNodeTag(nodeTags, key, value)))
      return targets;
    const others = nodeTags.filter((tag) => tags.every(({ key }) => key !== tag.key)).map(nodeTagFilter);
    if (others.length === 1) return targets.concat(others);
    for (const filter of others) {
      const pages = await allPages((NextToken) =>
        this.reader.send(
          new DescribeInstanceInformationCommand({
            Filters: [...targets, filter],
            MaxResults: 50,
            NextToken,
          }),
        ),
      );
      if (pages.some(({ InstanceInformationList = [] }) => InstanceInformationList.length > 0))
        return [...targets, filter];
    }
    return undefined;
  }

  private outOfReach(): string {
    const tag = nodeTagsPhrase(this.nodeTags ?? []);
    return `No node of the group carries the tag ${tag}, without which the service changes nothing, so the association was not created; tag the nodes of the group, in its launch template too.`;
  }
}
