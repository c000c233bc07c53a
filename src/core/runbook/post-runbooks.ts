import type { Notifier, Runbook, Saying } from '../notifier.ts';
import type { Incident } from '../record/incident.ts';
import { figuresOf } from './figures.ts';

/** Posts runbooks into the thread in their order, each by a key of its own. */
export async function postRunbooks(
  notifier: Pick<Notifier, 'postRunbook'>,
  incident: Incident,
  runbooks: readonly Runbook[],
  { key, isRepeat }: Saying,
): Promise<void> {
  for (const [index, runbook] of runbooks.entries()) {
    const told = index === 0 ? { ...runbook, figures: figuresOf(incident) } : runbook;
    await notifier.postRunbook(incident, told, { key: `${key}.${index + 1}`, isRepeat });
  }
}
