import { DIAGNOSE_SHORTCUT } from './diagnose/request.ts';

/** What the bot must be allowed to: write messages, and open modals, which needs no scope of its own. */
const BOT_SCOPES = ['chat:write', 'commands'] as const;
/** What finds our own messages again, in public and in private channels, where a function died after it posted one. */
const LOOKUP_SCOPES = ['channels:history', 'groups:history'] as const;
/** What only `medic doctor` asks: whether the app is in the channel, and whether the approvers exist. */
const DOCTOR_SCOPES = ['channels:read', 'groups:read', 'users:read'] as const;
/** What fetches the files of a message that somebody wants to have diagnosed. */
const FILE_SCOPES = ['files:read'] as const;
/** What puts the picture of a trace into the thread; an app without it says in words what the picture shows. */
const PICTURE_SCOPES = ['files:write'] as const;
/** Every scope that the app asks for. */
export const ALL_SCOPES = [
  ...BOT_SCOPES,
  ...LOOKUP_SCOPES,
  ...FILE_SCOPES,
  ...PICTURE_SCOPES,
  ...DOCTOR_SCOPES,
] as const;

/**
 * The Slack app as a manifest (docs.slack.dev, app manifest reference), to be pasted into "Create an app from a manifest".
 * @param url request URL of the deployment, for clicks, for the shortcut and for the slash command
 */
export function slackManifest(url: string): object {
  return {
    _metadata: { major_version: 2, minor_version: 1 },
    display_information: {
      name: 'conntrack-medic',
      description: 'Finds out why new connections stall on a Kubernetes node, and fixes it at a click',
      background_color: '#1f2933',
    },
    features: {
      bot_user: { display_name: 'conntrack-medic', always_online: true },
      shortcuts: [
        {
          name: 'Diagnose this',
          type: 'message',
          callback_id: DIAGNOSE_SHORTCUT,
          description: 'Say what the text or the files of this message show; changes nothing',
        },
      ],
      slash_commands: [
        {
          command: '/medic',
          url,
          description: 'Read a node and post what is wrong with it',
          usage_hint: 'i-0123456789abcdef0',
          should_escape: false,
        },
      ],
    },
    oauth_config: { scopes: { bot: [...ALL_SCOPES] } },
    settings: {
      interactivity: { is_enabled: true, request_url: url },
      org_deploy_enabled: false,
      socket_mode_enabled: false,
      token_rotation_enabled: false,
    },
  };
}
