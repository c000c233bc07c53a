import { ChannelBusyError, messageOf } from '../../errors.ts';
import { begunBefore } from '../../incident/begun-before.ts';
import { isOwed } from '../../incident/shown/card-view.ts';
import { END_KEYS } from '../../incident/shown/end-words.ts';
import { type OwedWords, owedWords, wordsNotSaid, wordsSaid } from '../../incident/shown/owed-words.ts';
import { showIncident } from '../../incident/shown/show-incident.ts';
import type { Runbook } from '../../notifier.ts';
import type { IncidentHead } from '../../record/incident.ts';
import { threadRunbooks } from '../../runbook/incident-runbooks.ts';
import { lastingRunbook } from '../../runbook/lasting-runbook.ts';
import { postRunbooks } from '../../runbook/post-runbooks.ts';
import { utcTime } from '../../words.ts';
import type { Duty, Tick } from '../duty.ts';

/**
 * Words beside the card that Slack did not take are said, as the record has them by then. They come after the card, which shows
 * that Slack takes something again, and stands above them. Of two who are at it one says them.
 */
export const sayOwed: Duty = {
  name: 'say-owed-words',
  run: async (tick, head) => {
    const { store, notifier, clock } = tick;
    if (dueOf(head, clock.now()).length === 0 || head.card === undefined) return undefined;
    if (isOwed(await store.cardView(head.id)) || !(await store.claimSaying(head.id))) return undefined;
    try {
      // Who had the right before may have said them.
      const now = await store.head(head.id);
      for (const words of now === undefined ? [] : dueOf(now, clock.now()))
        await sayOne(tick, head.id, words);
    } finally {
      await store.releaseSaying(head.id);
    }
    await showIncident(store, notifier, head.id);
    return 'said';
  },
};

const dueOf = (head: IncidentHead, now: number): readonly OwedWords[] =>
  owedWords(head).filter(({ nextAt }) => now >= nextAt);

async function sayOne(tick: Tick, id: string, words: OwedWords): Promise<void> {
  const { store, clock, log } = tick;
  try {
    await say(tick, id, words);
    await store.update(id, (now) => wordsSaid(now, words));
    if (words.key === END_KEYS.note) await store.noteEndTold(id);
  } catch (error) {
    log('owed-words-not-said', { incidentId: id, what: words.what, error: messageOf(error) });
    const waitSeconds = error instanceof ChannelBusyError ? error.waitSeconds : 0;
    await store.update(id, (now) => wordsNotSaid(now, words, clock.now(), waitSeconds));
  }
}

/** By the same keys as who tried it first, so that a part that was said is not said again. */
async function say(tick: Tick, id: string, words: OwedWords): Promise<void> {
  const { store, notifier, clock } = tick;
  const incident = await store.load(id);
  if (incident === undefined) return;
  const { key, text, since } = words;
  const saying = { key, isRepeat: begunBefore(store, id, `saying-${key}`) };
  if (text === undefined)
    return await postRunbooks(notifier, incident, await runbooksOf(tick, id, words), saying);
  // What was true then may be over by now.
  const at = utcTime(new Date(since).toISOString(), clock.now());
  await notifier.postNote(incident, `Late, of ${at}: ${text}`, saying);
}

async function runbooksOf(
  { store, catalogue, runbookTexts }: Tick,
  id: string,
  { what }: Pick<OwedWords, 'what'>,
): Promise<readonly Runbook[]> {
  if (what === 'lasting') {
    const history = await store.history(id);
    const runbook = history === undefined ? undefined : lastingRunbook(history);
    return runbook === undefined ? [] : [runbook];
  }
  const incident = await store.load(id);
  return incident === undefined ? [] : threadRunbooks(incident, catalogue, runbookTexts);
}
