import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../cdk/config.ts';
import { ConntrackMedic } from '../../../cdk/conntrack-medic.ts';
import { STACK_OUTPUTS } from '../../../cdk/outputs.ts';

const stack = new Stack(new App(), 'Test', { env: { account: '111122223333', region: 'eu-central-1' } });
const medic = new ConntrackMedic(stack, 'Medic', { config: readConfig('cdk/config.example.json') });
const template = Template.fromStack(Stack.of(medic));

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** Statements of the policy of the function whose logical id begins so. */
function statementsOf(role: string): Statement[] {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy'));
  return policies
    .filter(([id]) => id.startsWith(`Medic${role}ServiceRole`))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[]);
}

const sendStatements = (role: string) =>
  statementsOf(role).filter(({ Action }) => Action === 'ssm:SendCommand');

describe('ConntrackMedic', () => {
  it.each([
    ['Incident', ['medic-collect']],
    ['Remediate', ['medic-raise', 'medic-settings', 'medic-delete-udp-entry', 'medic-rollback']],
    ['Intake', []],
    ['Slack', []],
  ])('lets %s send %j and nothing else', (role, documents) => {
    const scoped = sendStatements(role).filter(({ Condition }) => Condition === undefined);
    const sent = [...JSON.stringify(scoped).matchAll(/document\/([a-z-]+)/g)].map(([, name]) => name);
    expect(sent).toEqual(documents);
  });

  it('lets commands reach instances with the tag only', () => {
    for (const role of ['Incident', 'Remediate']) {
      const instances = sendStatements(role).filter(({ Resource }) =>
        JSON.stringify(Resource).includes('instance/'),
      );
      expect(instances.map(({ Condition }) => Condition)).toEqual([
        { StringEquals: { 'ssm:resourceTag/eks:cluster-name': 'shop' } },
      ]);
    }
  });

  it('starts the durable function through its alias', () => {
    const functions = Object.values(template.findResources('AWS::Lambda::Function'));
    const starters = functions.filter(({ Properties }) => /^(intake|slack)/.test(Properties.Handler));
    const targets = starters.map(
      ({ Properties }) => Properties.Environment.Variables.MEDIC_INCIDENT_FUNCTION.Ref,
    );
    expect(targets).toEqual([expect.stringContaining('Aliaslive'), expect.stringContaining('Aliaslive')]);
  });

  it('says where everything is under keys that have no generated part', () => {
    const keys = Object.keys(template.toJSON().Outputs);
    expect(keys).toEqual(
      expect.arrayContaining(['IncidentTable', 'EvidenceBucket', 'SlackUrl', 'CollectDocument']),
    );
    expect(keys.filter((key) => !(key in STACK_OUTPUTS))).toEqual([]);
  });

  it('gives no function a Slack secret, only the right to read it where Slack is spoken to', () => {
    expect(JSON.stringify(template.toJSON())).not.toMatch(
      /resolve:secretsmanager|SLACK_BOT_TOKEN|SIGNING_SECRET/,
    );
    const readers = ['Incident', 'Remediate', 'Intake', 'Slack'].filter((role) =>
      JSON.stringify(statementsOf(role)).includes('secretsmanager:GetSecretValue'),
    );
    expect(readers).toEqual(['Incident', 'Intake', 'Slack']);
  });

  it('opens incidents only for alarms of the configured prefix', () => {
    const [rule] = Object.values(template.findResources('AWS::Events::Rule'));
    expect(rule?.Properties.EventPattern.detail).toEqual({
      alarmName: [{ prefix: 'shop-' }],
      state: { value: ['ALARM', 'OK'] },
    });
  });
});
