import { sightOf } from '../fleet/unseen.ts';
import type { Probes, Samples } from './ports.ts';
import { placesFor, waitsFor } from './round.ts';

/** Samples that the nodes take themselves when they are sent the probe. */
export const probedSamples = (probes: Probes): Samples => ({
  take: async (nonce, nodes, everyMinutes) =>
    nodes === 0
      ? []
      : await probes.send(nonce, placesFor(nodes, everyMinutes), waitsFor(nodes, everyMinutes)),
  // The id of a command is a UUID (SSM API reference, Command).
  isOwn: (id) => /^[0-9a-f-]{36}$/i.test(id),
  progress: (id) => probes.progress(id),
  async *sights(id, { nonce, startedAt }, _nodes, clock) {
    for await (const page of probes.answers(id))
      yield page.map((answer) => ({
        instanceId: answer.instanceId,
        ...sightOf(answer, { nonce, sentAt: startedAt, now: clock.now() }),
      }));
  },
  whyUnseen: ({ isOnline }, came, state) => {
    if (came === undefined) return isOnline ? (state === 'not-taken' ? 'refused' : 'late') : 'offline';
    // Systems Manager keeps a command for an agent that is away until its time is over, and calls that late.
    return came === 'late' && !isOnline ? 'offline' : came;
  },
});
