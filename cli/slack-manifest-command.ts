import { Command } from 'commander';
import { slackManifest } from '../src/slack/manifest.ts';
import { InputError } from './input-error.ts';

/** `medic slack-manifest`: the Slack app of a deployment, to be pasted into "Create an app from a manifest". */
export function slackManifestCommand(): Command {
  return new Command('slack-manifest')
    .description('print the manifest of the Slack app with the request URL of a deployment')
    .requiredOption('--url <url>', 'request URL: the stack’s output SlackUrl')
    .exitOverride()
    .action(({ url }: { url: string }) => {
      if (!URL.canParse(url) || new URL(url).protocol !== 'https:')
        throw new InputError(`"${url}" is no https URL; copy the stack's output SlackUrl.`);
      process.stdout.write(`${JSON.stringify(slackManifest(url), null, 2)}\n`);
    });
}
