import * as z from 'zod';
import { stored } from './stored.ts';

/** That a workflow stopped and was taken up again: in place of which execution, by which number of the incident's, how often in a row, and when last. */
export const TakenUp = stored({
  of: z.string(),
  number: z.number().int().min(1),
  tries: z.number().int().min(1),
  at: z.iso.datetime({ precision: 3 }),
});
