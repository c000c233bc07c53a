import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { Role } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { PAGES_FOLDER } from '../src/core/page/pages-folder.ts';
import { UNFINISHED } from '../src/core/record/unfinished.ts';
import { acknowledge } from './acknowledged-findings.ts';
import { allow } from './permissions.ts';

/** Properties of the records. */
export interface IncidentRecordsProps {
  /** How long raw output of nodes is kept. */
  readonly evidenceRetention: Duration;
}

/** The records of all incidents and the raw evidence behind them. Both outlive the stack: they are the audit trail. */
export class IncidentRecords extends Construct {
  readonly table: Table;
  readonly evidence: Bucket;

  constructor(scope: Construct, id: string, { evidenceRetention }: IncidentRecordsProps) {
    super(scope, id);
    this.table = new Table(this, 'Incidents', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      timeToLiveAttribute: 'deleteAt',
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.table.addGlobalSecondaryIndex({
      indexName: UNFINISHED.index,
      partitionKey: { name: UNFINISHED.index, type: AttributeType.STRING },
      sortKey: { name: 'pk', type: AttributeType.STRING },
      projectionType: ProjectionType.KEYS_ONLY,
    });
    this.evidence = new Bucket(this, 'Evidence', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: [
        { expiration: evidenceRetention },
        // Each click makes a page anew, and no link works for longer than ten minutes.
        { prefix: `${PAGES_FOLDER}/`, expiration: Duration.days(1) },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    acknowledge(
      this.evidence,
      'S1',
      'Two functions write to it and people read it; an account that wants reads logged turns on CloudTrail data events.',
    );
  }

  /** Lets roles read and write records and locks, by the keys of `src/adapters/dynamo/items.ts`; signed clicks are neither. */
  grantRecords(...roles: readonly Role[]): void {
    for (const role of roles)
      allow(role, 'KeepRecords', [this.table.tableArn], keysLike('inc-*', 'open#*', 'node#*', 'fired#*'));
  }

  /** Lets roles count firings. */
  grantCounting(...roles: readonly Role[]): void {
    for (const role of roles) allow(role, 'CountFirings', [this.table.tableArn], keysLike('fired#*'));
  }

  /** Lets a role keep readings of nodes and how far the sweep is. */
  grantSeries(role: Role): void {
    allow(role, 'KeepSeries', [this.table.tableArn], keysLike('series#*', 'sweep#*'));
  }

  /** Lets a role read them. */
  grantSeriesReading(role: Role): void {
    allow(role, 'ReadSeries', [this.table.tableArn], keysLike('series#*', 'sweep#*'));
  }

  /** Lets roles take turns to speak in Slack. */
  grantPace(...roles: readonly Role[]): void {
    for (const role of roles) allow(role, 'KeepPace', [this.table.tableArn], keysLike('slack#*'));
  }

  /** Lets a role find the incidents of which something is still to be done. */
  grantUnfinished(role: Role): void {
    allow(
      role,
      'FindUnfinished',
      [`${this.table.tableArn}/index/${UNFINISHED.index}`],
      keysLike(UNFINISHED.value),
    );
  }

  /** Lets one role keep what Slack signed, and another one read it. */
  grantClicks({ keeps, reads }: { readonly keeps: Role; readonly reads: Role }): void {
    allow(keeps, 'KeepClicks', [this.table.tableArn], keysLike('click#*'));
    allow(reads, 'ReadClicks', [this.table.tableArn], keysLike('click#*'));
  }

  /** Lets a role store evidence. */
  grantEvidence(role: Role): void {
    allow(role, 'KeepEvidence', [this.evidence.arnForObjects('*')]);
  }

  /** Lets a role keep pages of incidents and make links to them; the evidence itself it can not read. */
  grantPages(role: Role): void {
    allow(role, 'KeepPages', [this.evidence.arnForObjects(`${PAGES_FOLDER}/*`)]);
  }
}

/** Holds a statement to partitions whose key is like one of these. */
function keysLike(...patterns: readonly string[]): Readonly<Record<string, object>> {
  return { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': patterns } };
}
