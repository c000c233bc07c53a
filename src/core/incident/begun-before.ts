import type { IsRepeat } from '../notifier.ts';
import type { IncidentStore } from '../ports.ts';

/** Notes that something of an incident is about to be said, when that is asked first, and tells whether it was noted before. */
export function begunBefore(store: Pick<IncidentStore, 'begin'>, id: string, what: string): IsRepeat {
  let answer: Promise<boolean> | undefined;
  return () => (answer ??= store.begin(id, what).then((isFirst) => !isFirst));
}
