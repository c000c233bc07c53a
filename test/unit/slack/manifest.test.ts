import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { ALL_SCOPES, slackManifest } from '../../../src/slack/manifest.ts';

const URL = 'https://abc.lambda-url.eu-central-1.on.aws/';

/** Limits of the app manifest reference (docs.slack.dev/reference/app-manifest). */
const Manifest = z.strictObject({
  _metadata: z.strictObject({ major_version: z.literal(2), minor_version: z.literal(1) }),
  display_information: z.strictObject({
    name: z.string().max(35),
    description: z.string().max(140),
    background_color: z.string().regex(/^#[0-9a-f]{6}$/),
  }),
  features: z.strictObject({
    bot_user: z.strictObject({
      display_name: z.string().regex(/^[a-z0-9._-]{1,80}$/),
      always_online: z.boolean(),
    }),
    shortcuts: z
      .array(
        z.strictObject({
          name: z.string().max(24),
          type: z.literal('message'),
          callback_id: z.string().max(255),
          description: z.string().max(150),
        }),
      )
      .max(10),
    slash_commands: z.array(
      z.strictObject({
        command: z.string().regex(/^\/[a-z0-9_-]{1,31}$/),
        url: z.literal(URL),
        description: z.string().max(2000),
        usage_hint: z.string().max(1000),
        should_escape: z.boolean(),
      }),
    ),
  }),
  oauth_config: z.strictObject({ scopes: z.strictObject({ bot: z.array(z.string()).max(255) }) }),
  settings: z.strictObject({
    interactivity: z.strictObject({ is_enabled: z.literal(true), request_url: z.literal(URL) }),
    org_deploy_enabled: z.literal(false),
    socket_mode_enabled: z.literal(false),
    token_rotation_enabled: z.literal(false),
  }),
});

test('is a manifest within the limits, with the request URL at both places', () => {
  expect(Manifest.safeParse(slackManifest(URL)).error).toBeUndefined();
});

/** Scope of each Web API method that anything of ours calls; modals need none (docs.slack.dev, methods). */
const SCOPE_OF: Readonly<Record<string, readonly string[]>> = {
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'views.open': [],
  'auth.test': [],
  'conversations.info': ['channels:read', 'groups:read'],
  'conversations.history': ['channels:history', 'groups:history'],
  'conversations.replies': ['channels:history', 'groups:history'],
  'users.info': ['users:read'],
  'files.getUploadURLExternal': ['files:write'],
  'files.completeUploadExternal': ['files:write'],
};

/** What takes shortcuts and commands, and what a file's own address is fetched with. */
const OTHERS = ['commands', 'files:read'];

test('asks for the scopes of what is called, and for no more', () => {
  const called = new Set<string>();
  for (const folder of ['src', 'cli'])
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
      if (file.endsWith('.ts'))
        for (const [, method = ''] of readFileSync(`${folder}/${file}`, 'utf8').matchAll(
          /(?:client|slack)\.((?:chat|views|auth|conversations|users|files)\.\w+)\(/g,
        ))
          called.add(method);
  expect([...called].toSorted()).toEqual(Object.keys(SCOPE_OF).toSorted());
  const needed = [...called].flatMap((method) => SCOPE_OF[method] ?? []);
  expect(new Set<string>(ALL_SCOPES)).toEqual(new Set([...needed, ...OTHERS]));
});
