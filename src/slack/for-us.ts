import * as z from 'zod';
import { jsonOrNothing } from '../core/json.ts';

const absent = z.never().optional();

/**
 * What Bolt dispatches without falling over it: a click that can be answered, a command, Slack's look at the certificate.
 * Bolt goes by whichever of `ssl_check`, `event`, `command` and `name` it finds first, so each kind is without those of the
 * others.
 */
const ForBolt = z.union([
  z.object({
    type: z.literal('block_actions'),
    user: z.object({ id: z.string() }),
    channel: z.object({}).optional(),
    response_url: z.url({ protocol: /^https?$/ }),
    actions: z.array(z.object({ action_id: z.string() })).min(1),
    ssl_check: absent,
    event: absent,
    command: absent,
    name: absent,
  }),
  z.object({
    type: z.literal('message_action'),
    callback_id: z.string(),
    user: z.object({ id: z.string() }),
    channel: z.object({ id: z.string() }),
    response_url: z.url({ protocol: /^https?$/ }),
    ssl_check: absent,
    event: absent,
    command: absent,
    name: absent,
    actions: absent,
  }),
  z.object({ command: z.string().startsWith('/'), ssl_check: absent, event: absent }),
  z.object({ ssl_check: z.string(), event: absent, command: absent, actions: absent }),
]);

/** Whether a request that Slack signed is one that this service can answer. */
export function isForUs(body: string, contentType: string | undefined): boolean {
  const form = contentType === 'application/json' ? undefined : new URLSearchParams(body);
  const json = form === undefined ? body : form.get('payload');
  return ForBolt.safeParse(json === null ? Object.fromEntries(form ?? []) : jsonOrNothing(json)).success;
}
