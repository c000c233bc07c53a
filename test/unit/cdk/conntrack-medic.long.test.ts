import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { STACK_OUTPUTS } from '../../../cdk/outputs.ts';
import { FLEET_METRICS } from '../../../src/core/sweep/metric-names.ts';
import { exampleConfig, flat, HUB, SPOKE, statementsByRole, templateOf } from './support.ts';

const TOPIC = 'arn:aws:sns:eu-central-1:111122223333:on-call';
const template = templateOf(exampleConfig());
const functions = Object.entries(template.findResources('AWS::Lambda::Function')).map(
  ([id, { Properties }]) => ({
    id,
    name: String(Properties.Handler).replace('.handler', ''),
    ...Properties,
  }),
);
const named = (wanted: string) => functions.find(({ name }) => name === wanted);

describe('ConntrackMedic', () => {
  it('runs the built bundles on Node 24 and arm64, traced, each with a role and a log of its own that ends', () => {
    expect(new Set(functions.map(({ name }) => name))).toEqual(
      new Set(['incident', 'intake', 'reconcile', 'remediate', 'resolve', 'slack', 'sweep', 'webhook']),
    );
    for (const one of functions) {
      expect(existsSync(`dist/lambdas/${one.name}.mjs`)).toBe(true);
      expect(one).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'Active' },
      });
      expect(one.LoggingConfig.LogGroup).toBeDefined();
    }
    expect(new Set(functions.map(({ Role }) => flat(Role))).size).toBe(functions.length);
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 });
  });

  it('tells the two functions that judge clicks which Slack workspace they are from, and only where it is configured', () => {
    const toldBy = (one: Template) =>
      Object.values(one.findResources('AWS::Lambda::Function')).flatMap(({ Properties }) => {
        const team = (Properties.Environment.Variables as { MEDIC_SLACK_TEAM?: string }).MEDIC_SLACK_TEAM;
        return team === undefined ? [] : [`${Properties.Handler} ${team}`];
      });
    const pinned = templateOf(exampleConfig({ slackTeam: 'T0123456789' }));
    expect(toldBy(pinned).toSorted()).toEqual(['remediate.handler T0123456789', 'slack.handler T0123456789']);
    expect(pinned.findOutputs('*', { Value: 'T0123456789' })).toHaveProperty('SlackTeam');
    expect(toldBy(template)).toEqual([]);
    expect(template.findOutputs('*', { Value: 'none' })).toHaveProperty('SlackTeam');
  });

  it('runs the reconciler every minute, and a run that failed is followed by the next and not repeated', () => {
    expect(schedulesOf(template, 'reconcile')).toEqual([
      ['rate(1 minute)', { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 }],
    ]);
  });

  it('sweeps the fleet every five minutes, or as often as the configuration says, or not at all', () => {
    const every = (minutes: number) => [
      `rate(${minutes} minutes)`,
      { MaximumEventAgeInSeconds: minutes * 60, MaximumRetryAttempts: 0 },
    ];
    expect(schedulesOf(template, 'sweep')).toEqual([every(5)]);
    const { sweep } = exampleConfig();
    const alarms = { drops: false, timeToFull: true, drift: false };
    const rare = templateOf(exampleConfig({ sweep: { ...sweep, everyMinutes: 20, alarms } }));
    expect(schedulesOf(rare, 'sweep')).toEqual([every(20)]);
    const onFleet = (one: Template) =>
      Object.values(one.findResources('AWS::CloudWatch::Alarm')).flatMap(({ Properties }) =>
        Properties.Namespace === 'conntrack-medic' ? [Properties.MetricName] : [],
      );
    expect(onFleet(template)).toEqual(['FullTableDropsPerSecond', 'MinutesToFull', 'NodesDrifted']);
    expect(onFleet(rare)).toEqual(['MinutesToFull']);
    const alarmsWith = (source: typeof sweep.source) =>
      onFleet(templateOf(exampleConfig({ sweep: { ...sweep, source } })));
    const url = 'https://prometheus.example.com';
    const prometheus = { kind: 'prometheus', url, labels: {}, auth: { kind: 'none' } } as const;
    // An alarm on what nobody sees would say for ever that all is well.
    expect(alarmsWith(prometheus)).toEqual(['FullTableDropsPerSecond', 'MinutesToFull']);
    expect(alarmsWith({ kind: 'cloudwatch-agent', namespace: 'CWAgent' })).toEqual([]);
    const off = templateOf(exampleConfig({ sweep: { ...sweep, isOn: false } }));
    expect(schedulesOf(off, 'sweep')).toEqual([]);
    expect(JSON.stringify(off)).not.toContain('sweep.handler');
    expect(onFleet(off)).toEqual([]);
  });

  it('puts the function that sweeps into the subnets of a Prometheus, and no other one into any', () => {
    const { sweep } = exampleConfig();
    const vpc = { subnetIds: ['subnet-0a1b2c3d'], securityGroupIds: ['sg-0a1b2c3d', 'sg-1a2b3c4d'] };
    const url = 'http://prometheus.internal.example.com:9090';
    const source = { kind: 'prometheus', url, labels: {}, auth: { kind: 'none' }, vpc } as const;
    const placed = Object.values(
      templateOf(exampleConfig({ sweep: { ...sweep, source } })).findResources('AWS::Lambda::Function'),
    ).flatMap(({ Properties: { Handler, VpcConfig } }) => (VpcConfig ? [[Handler, VpcConfig]] : []));
    expect(placed).toEqual([
      ['sweep.handler', { SubnetIds: vpc.subnetIds, SecurityGroupIds: vpc.securityGroupIds }],
    ]);
    expect(JSON.stringify(template)).not.toContain('VpcConfig');
  });

  it('shows the numbers of the fleet beside the health of the service', () => {
    const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
    const body = flat(dashboard?.Properties.DashboardBody);
    for (const { name } of FLEET_METRICS) expect(body.replaceAll('\\', '')).toContain(`MetricName="${name}"`);
  });

  it('gives a Lambda exactly its own bundle', () => {
    expect(new Set(functions.map(({ Code }) => Code.S3Key)).size).toBe(functions.length);
  });

  it('registers the texts before a function that names them, and never so that one can be registered once only', () => {
    const documents = template.findResources('AWS::SSM::Document');
    const waiting = Object.values(template.findResources('AWS::Lambda::Function')).filter(
      ({ DependsOn = [] }) => Object.keys(documents).every((id) => (DependsOn as string[]).includes(id)),
    );
    expect(new Set(waiting.map(({ Properties }) => Properties.Handler))).toEqual(
      new Set(['incident.handler', 'remediate.handler', 'sweep.handler']),
    );
    for (const { Properties } of Object.values(documents)) {
      expect(Properties.UpdateMethod).toBe('NewVersion');
      expect(Properties).not.toHaveProperty('VersionName');
    }
  });

  it('starts the durable function through its alias and keeps the versions that incidents began with', () => {
    for (const starter of ['intake', 'slack']) {
      const target = flat(named(starter)?.Environment.Variables.MEDIC_INCIDENT_FUNCTION);
      expect(target).toContain('IncidentFunctionAliaslive');
    }
    const versions = Object.values(template.findResources('AWS::Lambda::Version'));
    const ofIncident = versions.filter(
      ({ Properties }) => flat(Properties.FunctionName) === `<${named('incident')?.id}>`,
    );
    expect(ofIncident.map(({ DeletionPolicy }) => DeletionPolicy)).toEqual(['Retain']);
  });

  it('registers the documents byte for byte as the functions pin them', () => {
    const documents = Object.values(template.findResources('AWS::SSM::Document'));
    expect(documents).toHaveLength(7);
    const pinned = functions.flatMap(({ Environment }) =>
      Object.entries<string>(Environment.Variables).flatMap(([key, value]) =>
        key.endsWith('_HASH') ? [value] : [],
      ),
    );
    const hashes = documents.map(({ Properties }) =>
      createHash('sha256').update(Properties.Content).digest('hex'),
    );
    // Nothing sends the trace yet.
    expect(hashes.filter((hash) => pinned.includes(hash)).sort()).toEqual(pinned.sort());
  });

  it('opens incidents only for alarms of the configured prefix, and keeps events that could not be delivered', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: Match.objectLike({
        source: ['aws.cloudwatch'],
        detail: { alarmName: [{ prefix: 'shop-' }], state: { value: ['ALARM', 'OK'] } },
      }),
      Targets: [Match.objectLike({ DeadLetterConfig: Match.anyValue() })],
    });
    for (const name of ['intake', 'incident']) expect(named(name)?.DeadLetterConfig).toBeDefined();
  });

  it('keeps records and evidence when the stack is deleted, and lets evidence end', () => {
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      Properties: {
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true },
        TimeToLiveSpecification: { AttributeName: 'deleteAt', Enabled: true },
      },
    });
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: {
        LifecycleConfiguration: {
          Rules: [
            { ExpirationInDays: 90, Status: 'Enabled' },
            { Prefix: 'pages/', ExpirationInDays: 1, Status: 'Enabled' },
          ],
        },
      },
    });
    const policy = JSON.stringify(template.findResources('AWS::S3::BucketPolicy'));
    expect(policy).toContain('"aws:SecureTransport":"false"');
  });

  it('gives no function a secret, only the right to read the one that it needs', () => {
    expect(JSON.stringify(template.toJSON())).not.toMatch(
      /resolve:secretsmanager|SLACK_BOT_TOKEN|SLACK_SIGNING/,
    );
    const readers = (name: string) =>
      [...statementsByRole(template)]
        .filter(([, statements]) =>
          statements.some(
            ({ actions, resources }) =>
              actions.some((action) => action.startsWith('secretsmanager:')) &&
              resources.some((arn) => arn.endsWith(`:secret:${name}-??????`)),
          ),
        )
        .map(([role]) => role.replace('conntrack-medic-', ''))
        .sort();
    expect(readers('conntrack-medic/slack')).toEqual(['incident', 'intake', 'reconcile', 'slack', 'webhook']);
    expect(readers('conntrack-medic/slack-signing')).toEqual(['remediate', 'slack']);
    const all = [...statementsByRole(template).values()].flat();
    const read = all.filter(({ actions }) => actions.join().includes('secretsmanager:'));
    expect(read).toHaveLength(7);
    for (const { actions, resources } of read)
      expect([actions, resources.length]).toEqual([['secretsmanager:GetSecretValue'], 1]);
  });

  it('bounds clicks and changes, unless the account cannot reserve any', () => {
    expect(named('slack')?.ReservedConcurrentExecutions).toBe(10);
    expect(named('webhook')?.ReservedConcurrentExecutions).toBe(5);
    expect(named('remediate')?.ReservedConcurrentExecutions).toBe(5);
    const without = templateOf(exampleConfig({ reserveConcurrency: false }));
    expect(JSON.stringify(without.toJSON())).not.toContain('ReservedConcurrentExecutions');
  });

  it('watches itself, and tells the topic when there is one', () => {
    const told = templateOf(exampleConfig({ healthTopicArn: TOPIC }));
    const alarms = Object.values(told.findResources('AWS::CloudWatch::Alarm')).map(
      ({ Properties }) => Properties,
    );
    expect(
      alarms.filter(({ AlarmActions, OKActions }) => `${AlarmActions} ${OKActions}` !== `${TOPIC} ${TOPIC}`),
    ).toEqual([]);
    const watched = alarms.map(({ MetricName }) => MetricName);
    expect(watched.filter((name) => name === 'Errors')).toHaveLength(functions.length);
    expect(watched).toEqual(
      expect.arrayContaining([
        'ApproximateNumberOfMessagesVisible',
        'DurableExecutionFailed',
        'Throttles',
        'Duration',
      ]),
    );
    expect(Object.keys(told.findResources('AWS::CloudWatch::Dashboard'))).toHaveLength(1);
  });

  it('says where everything is under keys that have no generated part', () => {
    expect(Object.keys(template.toJSON().Outputs).sort()).toEqual(Object.keys(STACK_OUTPUTS).sort());
  });

  it('takes alarms of a spoke over the default event bus, and no other events', () => {
    const config = exampleConfig({ ...HUB, spokes: [SPOKE] });
    const hub = templateOf(config);
    const [policy] = Object.values(hub.findResources('AWS::Events::EventBusPolicy'));
    const { Principal, Action, Condition } = policy?.Properties.Statement ?? {};
    expect(flat(Principal.AWS)).toContain(`:iam::${SPOKE.account}:root`);
    expect(Action).toBe('events:PutEvents');
    expect(Condition).toEqual({
      Null: { 'events:source': 'false' },
      'ForAllValues:StringEquals': { 'events:source': 'aws.cloudwatch' },
      StringEquals: { 'events:detail-type': 'CloudWatch Alarm State Change' },
    });
    const [rule] = Object.values(templateOf(config, 'spoke').findResources('AWS::Events::Rule'));
    expect(rule?.Properties.Targets.map(({ Arn }: { Arn: unknown }) => flat(Arn))).toEqual([
      `arn:<AWS::Partition>:events:${HUB.region}:${HUB.account}:event-bus/default`,
    ]);
    template.resourceCountIs('AWS::Events::EventBusPolicy', 0);
  });
});

/** Schedules of a function, with how often a run that fails is repeated. */
function schedulesOf(one: Template, name: string): readonly unknown[] {
  const ids = Object.entries(one.findResources('AWS::Lambda::Function')).flatMap(([id, { Properties }]) =>
    Properties.Handler === `${name}.handler` ? [id] : [],
  );
  return Object.values(one.findResources('AWS::Events::Rule')).flatMap(({ Properties }) =>
    Properties.ScheduleExpression !== undefined &&
    ids.some((id) => flat(Properties.Targets[0]?.Arn).includes(id))
      ? [[Properties.ScheduleExpression, Properties.Targets[0]?.RetryPolicy]]
      : [],
  );
}
