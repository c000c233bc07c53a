import { type SampledNode, sightOfSamples } from '../fleet/sampled.ts';
import type { SweptNode } from './found.ts';
import type { Samples } from './ports.ts';

/** Series that others keep of the nodes. */
export interface NodeSeries {
  /**
   * The newest samples of each node, by its id. One of which there are none, or that cannot be told from another machine, is left out.
   * @param now milliseconds since 1970
   */
  read(nodes: readonly SweptNode[], now: number): Promise<ReadonlyMap<string, SampledNode>>;
}

/** Id of the one thing that such a round reads. */
const SERIES = 'series';

/** Samples that another agent takes: nothing is sent to a node, and one whose agent for Systems Manager is away can be seen. */
export const sampledNodes = (series: NodeSeries): Samples => ({
  take: (_nonce, nodes) => Promise.resolve(nodes === 0 ? [] : [SERIES]),
  isOwn: (id) => id === SERIES,
  progress: () => Promise.resolve({ finished: 1, total: 1 }),
  async *sights(_id, _round, nodes, clock) {
    const now = clock.now();
    const sampled = await series.read(nodes, now);
    yield [...sampled].map(([instanceId, samples]) => ({ instanceId, ...sightOfSamples(samples, now) }));
  },
  whyUnseen: (_node, came, state) => came ?? (state === 'read' ? 'no-series' : 'unread'),
});
