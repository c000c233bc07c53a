import { ChannelBusyError, messageOf } from '../../errors.ts';
import { begunBefore } from '../../incident/begun-before.ts';
import { isOwed } from '../../incident/card-view.ts';
import { type OwedWords, owedWords, wordsNotSaid, wordsSaid } from '../../incident/owed-words.ts';
import { showIncident } from '../../incident/show-incident.ts';
import type { Runbook } from '../../notifier.ts';
import type { IncidentHead } from '../../record/incident.ts';
import { threadRunbooks } from '../../runbook/incident-runbooks.ts';
import { lastingRunbook } from '../../runbook/lasting-runbook.ts';
import { postRunbooks } from '../../runbook/post-runbooks.ts';
import type { Duty, Tick } from '../duty.ts';

/**
 * Words beside the card that Slack did not take are said, as the record has them by then. They come after the card, which shows
 * that Slack takes something again, and stands above them.
 */
export const sayOwed: Duty = {
  name: 'say-owed-words',
  run: async (tick, head) => {
    const { store, notifier, clock, log } = tick;
    const due = owedWords(head).filter(({ owed }) => clock.now() >= owed.nextAt);
    if (due.length === 0 || head.card === undefined || isOwed(await store.cardView(head.id)))
      return undefined;
    for (const words of due) {
      try {
        await say(tick, head, words);
        await store.update(head.id, (now) => wordsSaid(now, words));
      } catch (error) {
        log('owed-words-not-said', { incidentId: head.id, what: words.what, error: messageOf(error) });
        const waitSeconds = error instanceof ChannelBusyError ? error.waitSeconds : 0;
        await store.update(head.id, (now) => wordsNotSaid(now, words, clock.now(), waitSeconds));
      }
    }
    await showIncident(store, notifier, head.id);
    return 'said';
  },
};

/** By the same keys as who tried it first, so that a part that was said is not said again. */
async function say(tick: Tick, { id }: IncidentHead, words: OwedWords): Promise<void> {
  const [incident, runbooks] = [await tick.store.load(id), await runbooksOf(tick, id, words)];
  if (incident === undefined) return;
  const { key } = words.owed;
  const isRepeat = begunBefore(tick.store, id, `saying-${key}`);
  await postRunbooks(tick.notifier, incident, runbooks, { key, isRepeat });
}

async function runbooksOf(
  { store, catalogue, runbookTexts }: Tick,
  id: string,
  { what }: OwedWords,
): Promise<readonly Runbook[]> {
  if (what === 'lasting') {
    const history = await store.history(id);
    const runbook = history === undefined ? undefined : lastingRunbook(history);
    return runbook === undefined ? [] : [runbook];
  }
  const incident = await store.load(id);
  return incident === undefined ? [] : threadRunbooks(incident, catalogue, runbookTexts);
}
