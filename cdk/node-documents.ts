import { readFileSync } from 'node:fs';
import { CfnResource, Stack } from 'aws-cdk-lib';
import type { Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { assembleScripts, buildDocuments, type MedicDocument } from '../nodes/documents.ts';
import type { NodeTags } from '../src/core/node-tags.ts';
import { ASSOCIATION_TAG } from '../src/core/record/association.ts';
import type { StackOutput } from './outputs.ts';
import { allow } from './permissions.ts';

/** Which of the documents: what may be sent is granted one by one. */
export type DocumentKind =
  | 'collect'
  | 'probe'
  | 'raise'
  | 'settings'
  | 'delete-udp-entry'
  | 'rollback'
  | 'trace';

/** The documents that change a node. */
export const CHANGING_DOCUMENTS = ['raise', 'settings', 'delete-udp-entry', 'rollback'] as const;

/** The SSM documents around the node scripts, and the right to send each to tagged instances only. */
export class NodeDocuments extends Construct {
  readonly #documents: ReadonlyMap<DocumentKind, MedicDocument>;
  readonly #nodeTags: NodeTags;

  constructor(scope: Construct, id: string, nodeTags: NodeTags) {
    super(scope, id);
    this.#nodeTags = nodeTags;
    const folder = new URL('../nodes/', import.meta.url);
    const documents = buildDocuments(assembleScripts((path) => readFileSync(new URL(path, folder), 'utf8')));
    this.#documents = new Map(documents.map((document) => [kindOf(document), document]));
    for (const { name, content } of documents) {
      new CfnResource(this, name, {
        type: 'AWS::SSM::Document',
        properties: {
          Name: name,
          DocumentType: 'Command',
          DocumentFormat: 'JSON',
          // As text, which the CDK's own class does not take: CloudFormation writes an object anew in its own way, and
          // commands are pinned to the hash of exactly this text.
          Content: content,
          // Adds a version and leaves those before it, which incidents that wait still name. Which of them is the default
          // means nothing here. No VersionName: it would have CloudFormation register the same text a second time when
          // it is first set, and forbid the way back to an earlier text, and Systems Manager refuses both.
          UpdateMethod: 'NewVersion',
        },
      });
    }
  }

  /** Name under which a document is registered. */
  nameOf(kind: DocumentKind): string {
    return this.#document(kind).name;
  }

  /** What the stack tells of the documents' names. */
  outputs() {
    return {
      CollectDocument: this.nameOf('collect'),
      ProbeDocument: this.nameOf('probe'),
      TraceDocument: this.nameOf('trace'),
      RaiseDocument: this.nameOf('raise'),
      SettingsDocument: this.nameOf('settings'),
      DeleteUdpEntryDocument: this.nameOf('delete-udp-entry'),
      RollbackDocument: this.nameOf('rollback'),
    } as const satisfies Partial<Record<StackOutput, string>>;
  }

  /** Variables that tell a function the documents' names and the hashes that its commands are pinned to. */
  environmentOf(...kinds: readonly DocumentKind[]): Record<string, string> {
    const variables = kinds.flatMap((kind) => {
      const { name, sha256 } = this.#document(kind);
      const prefix = `MEDIC_${kind.toUpperCase().replaceAll('-', '_')}_DOCUMENT`;
      return [
        [prefix, name],
        [`${prefix}_HASH`, sha256],
      ];
    });
    return Object.fromEntries(variables);
  }

  /** Lets a role send these documents, whichever version, only to instances with one of the tags, and read what comes back. */
  grantSend(role: Role, ...kinds: readonly DocumentKind[]): void {
    this.#grantSending(role, kinds);
    allow(role, 'ReadCommandResults', ['*']);
  }

  #grantSending(role: Role, kinds: readonly DocumentKind[]): void {
    const arns = kinds.map((kind) => this.#documentArn(kind));
    allow(role, 'SendDocuments', arns);
    allow(role, 'FindDocumentVersions', arns);
    // One statement a key: conditions within a statement would all have to hold.
    this.#nodeTags.forEach(({ key, values }, index) => {
      const name = `ssm:resourceTag/${key}`;
      allow(
        role,
        'ReachTaggedNodes',
        [this.#arn('ec2', 'instance/*'), this.#arn('ssm', 'managed-instance/*')],
        values === 'any'
          ? { StringLike: { [name]: '*' } }
          : { StringEquals: { [name]: values.length === 1 ? values[0] : [...values] } },
        index,
      );
    });
  }

  /** The same for the probe, which goes to nodes by their tags; how far it is, is listed by command. */
  grantProbe(role: Role): void {
    this.#grantSending(role, ['probe']);
    allow(role, 'FollowProbes', ['*']);
  }

  /**
   * Lets a role keep the raise on a node group: create associations of medic-raise and of no other document, with our tag,
   * and delete those that have it. The condition on adding the tag is the one of AmazonGuardDutyServiceRolePolicy: what
   * exists without the tag can't be given it, and so not be deleted.
   */
  grantAssociate(role: Role): void {
    const raise = this.#documentArn('raise');
    const associations = [this.#arn('ssm', 'association/*')];
    const { key, value } = ASSOCIATION_TAG;
    const isOurs = { StringEquals: { [`aws:ResourceTag/${key}`]: value } };
    allow(role, 'KeepRaise', [raise]);
    allow(role, 'KeepOnGroup', associations, { StringEquals: { [`aws:RequestTag/${key}`]: value } });
    allow(role, 'TagAssociations', associations, isOurs);
    allow(role, 'EndAssociations', associations, isOurs);
    allow(role, 'ListAssociations', ['*']);
  }

  #documentArn(kind: DocumentKind): string {
    return this.#arn('ssm', `document/${this.#document(kind).name}`);
  }

  #arn(service: string, resource: string): string {
    const { partition, region, account } = Stack.of(this);
    return `arn:${partition}:${service}:${region}:${account}:${resource}`;
  }

  #document(kind: DocumentKind): MedicDocument {
    const document = this.#documents.get(kind);
    if (document === undefined) throw new Error(`There is no document to ${kind}.`);
    return document;
  }
}

function kindOf({ name }: MedicDocument): DocumentKind {
  switch (name) {
    case 'medic-collect':
      return 'collect';
    case 'medic-probe':
      return 'probe';
    case 'medic-raise':
      return 'raise';
    case 'medic-settings':
      return 'settings';
    case 'medic-delete-udp-entry':
      return 'delete-udp-entry';
    case 'medic-rollback':
      return 'rollback';
    case 'medic-trace':
      return 'trace';
  }
}
