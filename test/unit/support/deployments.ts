import { SSMClient } from '@aws-sdk/client-ssm';
import { WebClient } from '@slack/web-api';
import type { Deployment } from '../../../cli/doctor/deployment.ts';

/** A deployment as the doctor finds it, with nothing in it but what is given. */
export function buildDeployment(given: Partial<Deployment>): Deployment {
  return {
    identity: 'a test',
    region: 'eu-central-1',
    ssm: new SSMClient({ region: 'eu-central-1' }),
    slack: new WebClient(),
    channel: '',
    team: undefined,
    approvers: [],
    slackUrl: '',
    signingSecret: '',
    webhookUrl: '',
    webhookSecret: undefined,
    nodeTags: [{ key: 'medic', values: ['yes'] }],
    instances: undefined,
    sweep: undefined,
    documents: [],
    collect: { name: 'medic-collect', hash: '' },
    ...given,
  };
}
