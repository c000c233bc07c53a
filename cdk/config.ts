import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { AlarmTarget } from '../src/core/resolve/alarm-target.ts';

/** What a deployment decides. Read once by `cdk/app.ts` from the file that the context key `config` names. */
export const DeployConfig = z.strictObject({
  /** Id of the channel that gets the card, such as `C0123456789`. */
  slackChannel: z.string().regex(/^[CG][A-Z0-9]{8,32}$/),
  /** Secrets Manager secret with the keys `botToken` and `signingSecret`. */
  slackSecretName: z.string().min(1).max(512),
  /** Slack user ids that may approve a change; empty means nobody. */
  approvers: z.array(z.string().regex(/^[UW][A-Z0-9]{2,32}$/)),
  /** Only instances that carry this tag can be sent a command. */
  nodeTag: z.strictObject({ key: z.string().min(1).max(128), value: z.string().min(1).max(256) }),
  /** Alarms whose name begins so open incidents. */
  alarmNamePrefix: z.string().min(1).max(255),
  /** Which nodes an alarm is about, where neither its dimensions nor its tag `medic:target` say it right. */
  alarmTargets: z.array(AlarmTarget),
});
export type DeployConfig = z.infer<typeof DeployConfig>;

/**
 * Reads a deployment's configuration.
 *
 * @throws Error that names the file and every field that is wrong
 */
export function readConfig(path: string): DeployConfig {
  const parsed = DeployConfig.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
}
