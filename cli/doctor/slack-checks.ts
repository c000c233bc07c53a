import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { ALL_SCOPES } from '../../src/slack/manifest.ts';
import { isUnable } from '../failure.ts';
import { attempt, bad, type Check, good, type Question, skipped } from './check.ts';
import type { Deployment } from './deployment.ts';

const AuthTest = z.object({
  user: z.string().default(''),
  team: z.string().default(''),
  team_id: z.string().default(''),
  enterprise_id: z.string().nullish(),
  response_metadata: z.object({ scopes: z.array(z.string()).default([]) }).default({ scopes: [] }),
});
const ChannelInfo = z.object({
  channel: z.object({
    name: z.string().default(''),
    is_member: z.boolean().default(false),
    is_archived: z.boolean().default(false),
  }),
});
const UserInfo = z.object({
  user: z.object({
    name: z.string().default(''),
    deleted: z.boolean().default(false),
    is_bot: z.boolean().default(false),
  }),
});

/** Token, scopes, channel and approvers, as Slack itself sees them. */
export async function slackChecks({
  slack,
  channel,
  team: pinned,
  approvers,
}: Deployment): Promise<readonly Check[]> {
  const token = await attempt(
    {
      id: 'slack-token',
      service: 'Slack',
      unknown: 'whether the bot token works',
      refused: 'The bot token does not work',
      fix: 'Install the app to the workspace again and put its bot token into the Slack secret as botToken.',
    },
    async () => {
      const identity = AuthTest.parse(await slack.auth.test());
      const { user, team, response_metadata: metadata } = identity;
      const missing = ALL_SCOPES.filter((scope) => !metadata.scopes.includes(scope));
      return [
        good('slack-token', `The bot token is that of ${user} in workspace ${team}.`),
        missing.length === 0
          ? good('slack-scopes', `It has the scopes ${metadata.scopes.join(', ')}.`)
          : bad(
              'slack-scopes',
              `The token has no scope ${missing.join(', ')}.`,
              'Take the manifest of "medic slack-manifest", update the app with it and install it again.',
            ),
        teamCheck(pinned, identity),
      ];
    },
  );
  const works = token.find(({ id }) => id === 'slack-token')?.ok;
  if (works !== true) {
    const first = works === false ? 'the bot token' : 'the way to Slack';
    return [
      ...token,
      skipped('slack-channel', `Whether the app is in channel ${channel} is not known.`, first),
      skipped('approvers', 'Whether the approvers exist is not known.', first),
    ];
  }
  const inChannel = await attempt(
    {
      id: 'slack-channel',
      service: 'Slack',
      unknown: `whether the app is in channel ${channel}`,
      refused: `Slack says nothing about channel ${channel}`,
      fix: 'Look at the channel id in the configuration: in Slack, open the channel’s details and copy its id from there. Where a scope is missing, update the app with the manifest of "medic slack-manifest".',
    },
    async () => {
      const info = ChannelInfo.parse(await slack.conversations.info({ channel }));
      const { name, is_member: isMember, is_archived: isArchived } = info.channel;
      if (isArchived)
        return [bad('slack-channel', `#${name} is archived.`, 'Unarchive it, or configure another channel.')];
      if (!isMember)
        return [
          bad('slack-channel', `The app is not in #${name}.`, `Type /invite and the app’s name in #${name}.`),
        ];
      return [good('slack-channel', `The app is in #${name}.`)];
    },
  );
  return [...token, ...inChannel, ...(await approverChecks(slack, approvers))];
}

/** Whether the token is of the workspace whose clicks count: where it is not, every click is refused. */
function teamCheck(
  pinned: string | undefined,
  { team, team_id: id, enterprise_id: enterprise }: z.infer<typeof AuthTest>,
): Check {
  if (pinned === undefined)
    return good(
      'slack-team',
      `Clicks of approvers count from every workspace; with "slackTeam": "${id}" in the configuration only those from ${team} would.`,
    );
  if (pinned === id || pinned === enterprise)
    return good('slack-team', `Only clicks and commands from ${pinned} count.`);
  return bad(
    'slack-team',
    `Only clicks and commands from ${pinned} count, and the bot token is of ${id}, so every one is refused.`,
    `Put "slackTeam": "${id}" into the configuration and deploy it, or put the bot token of an app in ${pinned} into the Slack secret.`,
  );
}

async function approverChecks(
  slack: Deployment['slack'],
  approvers: readonly string[],
): Promise<readonly Check[]> {
  if (approvers.length === 0)
    return [
      bad(
        'approvers',
        'Nobody may approve a change.',
        'Put Slack user ids into approvers of the configuration.',
      ),
    ];
  const fix =
    'Put the right user id into approvers of the configuration: in Slack, open the profile and copy the member id.';
  const checks: Check[] = [];
  for (const user of approvers) {
    const question: Question = {
      id: 'approvers',
      service: 'Slack',
      unknown: `whether the approver ${user} exists`,
      refused: `The approver ${user} cannot be looked up`,
      fix: `${fix} Where a scope is missing, update the app with the manifest of "medic slack-manifest".`,
    };
    const found = await attempt(question, async () => {
      const info = UserInfo.parse(await slack.users.info({ user }));
      const { name, deleted, is_bot: isBot } = info.user;
      if (deleted) return [bad('approvers', `The approver ${user} (${name}) is deactivated.`, fix)];
      if (isBot) return [bad('approvers', `The approver ${user} (${name}) is a bot.`, fix)];
      return [good('approvers', `The approver ${user} is ${name}.`)];
    });
    checks.push(...found);
  }
  return checks;
}

/** What a function URL answers to a request without a right to be there, and to one that has it. */
export async function urlChecks(deployment: Deployment): Promise<readonly Check[]> {
  const { slackUrl, signingSecret, webhookUrl, webhookSecret } = deployment;
  const question = (id: string, name: string, url: string): Question => ({
    id,
    service: url,
    unknown: `whether the ${name} works`,
    refused: `${url} cannot be asked`,
    fix: 'Look whether the stack is deployed and nothing between here and AWS keeps the request back.',
  });
  const slack = await attempt(question('slack-url', 'request URL', slackUrl), async () => {
    const [unsigned, signed] = [
      await knock(slackUrl, 'not-the-signing-secret'),
      await knock(slackUrl, signingSecret),
    ];
    if (isUnable(unsigned)) return [failing('slack-url', 'request URL', unsigned)];
    if (unsigned !== 401)
      return [
        bad(
          'slack-url',
          `The request URL answered ${unsigned} to a wrong signature, and 401 would be right.`,
          'Compare the URL with the stack’s output SlackUrl; another server may answer there.',
        ),
      ];
    if (signed !== 200)
      return [
        bad(
          'slack-url',
          `The request URL answered ${signed} to a signature by the signing secret.`,
          'Copy the app’s signing secret from "Basic Information" into the signing secret.',
        ),
      ];
    return [good('slack-url', 'The request URL refuses a wrong signature and takes a right one.')];
  });
  const webhook = await attempt(question('webhook-url', 'webhook', webhookUrl), async () => {
    const stranger = await post(webhookUrl, 'not-the-shared-secret');
    if (isUnable(stranger)) return [failing('webhook-url', 'webhook', stranger)];
    if (stranger !== 401)
      return [
        bad(
          'webhook-url',
          `The webhook answered ${stranger} to a wrong secret, and 401 would be right.`,
          'Compare the URL with the stack’s output WebhookUrl.',
        ),
      ];
    if (webhookSecret === undefined)
      return [
        good(
          'webhook-url',
          'The webhook lets nobody in: the secret has no webhookSecret, which is fine where only CloudWatch is used.',
        ),
      ];
    // An empty object is nobody's alert: 400 says that the secret was taken, and nothing was opened.
    const known = await post(webhookUrl, webhookSecret);
    if (known !== 400)
      return [
        bad(
          'webhook-url',
          `The webhook answered ${known} to the shared secret.`,
          'Put the secret that the senders have into the Slack secret as webhookSecret; it takes up to ten minutes to arrive.',
        ),
      ];
    return [good('webhook-url', 'The webhook refuses a wrong secret and takes the right one.')];
  });
  return [...slack, ...webhook];
}

/** Reached, and it did not come to an answer: that says nothing about the secrets. */
function failing(id: string, name: string, status: number): Check {
  return bad(
    id,
    `The ${name} was reached and fails: it answered ${status}.`,
    `Look at the log of the ${id === 'slack-url' ? 'slack' : 'webhook'} function, and whether it is throttled.`,
  );
}

const TIMEOUT_MS = 10_000;

/** Asks `/medic help` as nobody, which changes nothing. */
async function knock(url: string, secret: string): Promise<number> {
  const body = new URLSearchParams({
    command: '/medic',
    text: 'help',
    user_id: 'U00DOCTOR',
    channel_id: 'C00DOCTOR',
    team_id: 'T00DOCTOR',
  }).toString();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const hash = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${hash}`,
    },
    body,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await response.arrayBuffer();
  return response.status;
}

async function post(url: string, secret: string): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
    body: '{}',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await response.arrayBuffer();
  return response.status;
}
