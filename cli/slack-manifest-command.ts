import { slackManifest } from '../src/slack/manifest.ts';
import { InputError } from './errors.ts';
import { printJson } from './output.ts';

/** `medic slack-manifest`: the Slack app of a deployment, to be pasted into "Create an app from a manifest". */
export function runSlackManifest(url: string): void {
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:')
    throw new InputError(`"${url}" is no https URL; copy the stack's output SlackUrl.`);
  printJson(slackManifest(url));
}
