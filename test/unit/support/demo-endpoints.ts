import type { DemoEndpoints } from '../../../local/demo/endpoints.ts';

/** Where the parts of a demo are that has only those which the test gives; everything else is at a port where nobody listens. */
export function demoEndpoints(given: Partial<DemoEndpoints>): DemoEndpoints {
  const nobody = 'http://127.0.0.1:9';
  return {
    schema: 'medic.demo/1',
    checkout: '/home/ana/conntrack-medic/',
    region: 'eu-central-1',
    ssm: nobody,
    dynamo: nobody,
    lambda: nobody,
    slackApi: `${nobody}/api/`,
    slackPage: `${nobody}/`,
    slackRequest: nobody,
    webhook: nobody,
    table: 'conntrack-medic',
    evidence: '/tmp/evidence',
    documents: {
      collect: 'medic-collect',
      probe: 'medic-probe',
      trace: 'medic-trace',
      raise: 'medic-raise',
      settings: 'medic-settings',
      deleteUdpEntry: 'medic-delete-udp-entry',
      rollback: 'medic-rollback',
    },
    channel: 'C0LOCAL001',
    team: 'T0LOCAL001',
    approvers: [],
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    botToken: 'xoxb-local',
    signingSecret: 'secret',
    webhookSecret: 'secret',
    ...given,
  };
}
