import { type App, Duration, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { type DeployConfig, nodeTagsOf } from './config.ts';
import { ConntrackMedic } from './conntrack-medic.ts';
import { SpokeStack } from './spoke.ts';

/** Puts everything that one configuration deploys into the app: the stack of the service, and one for each spoke. */
export function buildApp(config: DeployConfig, app: App): Stack {
  const { account, region, alarmNamePrefix, spokes, healthTopicArn } = config;
  const nodeTags = nodeTagsOf(config);
  const stack = new Stack(app, config.stackName, {
    description: 'conntrack-medic: from a latency alarm to a verified fix',
    env: { ...(account && { account }), ...(region && { region }) },
  });
  new ConntrackMedic(stack, 'Medic', {
    slackChannel: config.slackChannel,
    ...(config.slackTeam && { slackTeam: config.slackTeam }),
    ...(config.traceLink && { traceLink: config.traceLink }),
    slackSecret: Secret.fromSecretNameV2(stack, 'SlackSecret', config.slackSecretName),
    signingSecret: Secret.fromSecretNameV2(stack, 'SigningSecret', config.signingSecretName),
    approvers: config.approvers,
    nodeTags,
    alarmNamePrefix,
    alarmTargets: config.alarmTargets,
    maxNodes: config.maxNodes,
    ...(config.nodeBandwidth && { nodeBandwidth: config.nodeBandwidth }),
    decisionLife: Duration.minutes(config.decisionLifeMinutes),
    dismissalHold: Duration.minutes(config.dismissalHoldMinutes),
    joinWindow: Duration.minutes(config.joinWindowMinutes),
    joinAge: Duration.hours(config.joinAgeHours),
    evidenceRetention: Duration.days(config.evidenceDays),
    ...(config.commandOutput && { commandOutput: config.commandOutput }),
    logRetention: config.logDays,
    ...(config.sweep.slackChannel && { warningChannel: config.sweep.slackChannel }),
    sweep: config.sweep.isOn && {
      every: Duration.minutes(config.sweep.everyMinutes),
      sampling: Duration.seconds(config.sweep.sampleSeconds),
      source: config.sweep.source,
      warnUnderHours: config.sweep.warnUnderHours,
      releaseAboveHours: config.sweep.releaseAboveHours,
      alarms: config.sweep.alarms,
    },
    reserveConcurrency: config.reserveConcurrency,
    ...(healthTopicArn && { healthTopic: Topic.fromTopicArn(stack, 'HealthTopic', healthTopicArn) }),
    spokes,
  });
  for (const spoke of spokes) {
    if (account === undefined || region === undefined)
      throw new Error('A spoke needs to know where the service is: give account and region.');
    new SpokeStack(app, `${config.stackName}-Spoke-${spoke.account}`, {
      description: 'conntrack-medic: what the service needs in another account',
      env: { account: spoke.account, region: spoke.region },
      hub: { account, region },
      externalId: spoke.externalId,
      nodeTags,
      alarmNamePrefix,
    });
  }
  return stack;
}
