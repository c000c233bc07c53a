import { messageOf } from '../../src/core/errors.ts';
import { endLook, type LookNews } from '../../src/core/incident/quiet.ts';
import type { IncidentState } from '../../src/core/record/incident.ts';
import { log } from '../log.ts';
import type { Workflow } from './workflow.ts';

/**
 * Looks at the nodes of a dismissed incident whose alarm fired again, and says in the record whether it got worse; who opens an
 * incident for that is the reconciler. It only reads, and the incident stays dismissed.
 * @param number of the look
 */
export async function lookWhileQuiet(workflow: Workflow, number: number): Promise<IncidentState> {
  const { record } = workflow;
  const isWanted = await record.read(
    'look for the look',
    ({ quiet }) => quiet?.look?.number === number && quiet.look.endedAt === undefined,
  );
  if (!isWanted) return await record.read('read state', ({ state }) => state);
  const news = await look(workflow);
  const state = await record.step('note what was seen', async () => {
    const head = await record.update((now) => endLook(now, number, record.now(), news));
    log('looked-while-quiet', { incidentId: record.id, worse: news.worse ?? 'no' });
    return head.state;
  });
  await record.show();
  return state;
}

async function look({ evidence }: Workflow): Promise<LookNews> {
  try {
    const instanceIds = await evidence.resolveNodesAgain();
    if (instanceIds.length > 0) await evidence.collect(instanceIds);
    return await evidence.judgeLook(instanceIds);
  } catch (error) {
    return {
      worse: `Its nodes could not be looked at, so nobody knows whether it is worse: ${messageOf(error)}`,
    };
  }
}
