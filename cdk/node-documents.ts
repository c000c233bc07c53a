import { readFileSync } from 'node:fs';
import { Stack } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { assembleScripts, buildDocuments, type MedicDocument } from '../nodes/documents.ts';
import type { DeployConfig } from './config.ts';

/** Which of the documents: what may be sent is granted one by one. */
export type DocumentKind = 'collect' | 'raise' | 'settings' | 'delete-udp-entry' | 'rollback';

/** The SSM documents around the node scripts, and the right to send each to tagged instances only. */
export class NodeDocuments extends Construct {
  readonly #documents: ReadonlyMap<DocumentKind, MedicDocument>;
  readonly #nodeTag: DeployConfig['nodeTag'];

  constructor(scope: Construct, id: string, nodeTag: DeployConfig['nodeTag']) {
    super(scope, id);
    this.#nodeTag = nodeTag;
    const folder = new URL('../nodes/', import.meta.url);
    const documents = buildDocuments(assembleScripts((path) => readFileSync(new URL(path, folder), 'utf8')));
    this.#documents = new Map(documents.map((document) => [kindOf(document), document]));
    for (const { name, content } of documents) {
      new CfnDocument(this, name, {
        name,
        documentType: 'Command',
        documentFormat: 'JSON',
        content: JSON.parse(content),
        updateMethod: 'NewVersion',
      });
    }
  }

  /** Name under which a document is registered. */
  nameOf(kind: DocumentKind): string {
    return this.#document(kind).name;
  }

  /** Variables that tell a function the document's name and the hash that its commands are pinned to. */
  environmentOf(kind: DocumentKind): Record<string, string> {
    const { name, sha256 } = this.#document(kind);
    const prefix = `MEDIC_${kind.toUpperCase().replaceAll('-', '_')}_DOCUMENT`;
    return { [prefix]: name, [`${prefix}_HASH`]: sha256 };
  }

  /** Lets a function send these documents, only to instances with the tag, and read what comes back. */
  grantSend(grantee: IGrantable, ...kinds: readonly DocumentKind[]): void {
    const { partition, region, account } = Stack.of(this);
    const arn = (service: string, resource: string) =>
      `arn:${partition}:${service}:${region}:${account}:${resource}`;
    const { key, value } = this.#nodeTag;
    const allow = (actions: string[], resources: string[], conditions = {}) =>
      grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions, resources, conditions }));
    allow(
      ['ssm:SendCommand'],
      kinds.map((kind) => arn('ssm', `document/${this.#document(kind).name}`)),
    );
    allow(['ssm:SendCommand'], [arn('ec2', 'instance/*'), arn('ssm', 'managed-instance/*')], {
      StringEquals: { [`ssm:resourceTag/${key}`]: value },
    });
    // These read-only calls know no resource to be scoped to (service authorization reference, Systems Manager).
    allow(
      ['ssm:ListCommandInvocations', 'ssm:GetCommandInvocation', 'ssm:DescribeInstanceInformation'],
      ['*'],
    );
  }

  /** Lets a function keep the raise on a node group: associations of medic-raise only, and no other document. */
  grantAssociate(grantee: IGrantable): void {
    const { partition, region, account } = Stack.of(this);
    const arn = (resource: string) => `arn:${partition}:ssm:${region}:${account}:${resource}`;
    const raise = arn(`document/${this.#document('raise').name}`);
    const allow = (actions: string[], resources: string[]) =>
      grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions, resources }));
    allow(['ssm:DescribeDocument'], [raise]);
    // Ids of associations are made by the service; creating one needs the right to its document as well, which only
    // medic-raise has (service authorization reference, Systems Manager).
    allow(['ssm:CreateAssociation', 'ssm:DeleteAssociation'], [raise, arn('association/*')]);
    allow(['ssm:ListAssociations'], ['*']);
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
    case 'medic-raise':
      return 'raise';
    case 'medic-settings':
      return 'settings';
    case 'medic-delete-udp-entry':
      return 'delete-udp-entry';
    case 'medic-rollback':
      return 'rollback';
  }
}
