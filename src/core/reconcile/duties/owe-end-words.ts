import { endWords } from '../../incident/shown/end-words.ts';
import { missed, owedWords } from '../../incident/shown/owed-words.ts';
import { isClosed } from '../../record/transitions.ts';
import type { Duty } from '../duty.ts';

/** Who ends an incident says what that calls for right after the card; after this nobody is there any more to say it. Our choice. */
const GRACE_MS = 5 * 60_000;

/** What the end of an incident calls for in its thread is owed from now on where its workflow died before it was said. */
export const oweEndWords: Duty = {
  name: 'owe-end-words',
  run: async ({ store, clock, running }, head) => {
    const { id, state, transitions } = head;
    if (!isClosed(state) || (await store.cardView(id))?.endUntold !== true) return undefined;
    const endedAt = Date.parse(transitions.at(-1)?.at ?? head.openedAt);
    if (clock.now() - endedAt < GRACE_MS || [...running].some((name) => name.startsWith(id)))
      return undefined;
    const known = new Set(owedWords(head).map(({ key }) => key));
    const words = endWords(head).filter(({ key = '' }) => !known.has(key));
    if (words.length > 0)
      await store.update(id, (now) =>
        now.revision === head.revision ? words.reduce((to, miss) => missed(to, miss, clock.now()), now) : now,
      );
    // Where the record has moved on meanwhile, the next run looks again.
    const isOwed = words.length === 0 || (await store.head(id))?.revision === head.revision + 1;
    if (isOwed) await store.noteEndTold(id);
    return words.length > 0 && isOwed ? 'owed' : undefined;
  },
};
