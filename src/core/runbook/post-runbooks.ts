import type { Notifier, Runbook, Saying } from '../notifier.ts';
import type { Incident } from '../record/incident.ts';

/** Posts runbooks into the thread in their order, each by a key of its own. */
export async function postRunbooks(
  notifier: Pick<Notifier, 'postRunbook'>,
  incident: Incident,
  runbooks: readonly Runbook[],
  { key, isRepeat }: Saying,
): Promise<void> {
  for (const [index, runbook] of runbooks.entries())
    await notifier.postRunbook(incident, runbook, { key: `${key}.${index + 1}`, isRepeat });
}
