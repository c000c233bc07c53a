import type { WarningHours } from '../fleet/hours.ts';
import { mayFill, type Outlook, outlookOf } from '../fleet/outlook.ts';
import { lossRates } from '../fleet/rates.ts';
import { KEPT_HOURS } from '../fleet/series.ts';
import { type Warning, warningAfter } from '../fleet/warning.ts';
import type { JudgedSweep } from './found.ts';
import type { SeriesStore } from './ports.ts';

/** Hours that a run of readings reaches back at most, with one to spare. */
const RUN_HOURS = 26;

/**
 * Judges a node. Most are far from full, and the last two hours tell that; a day is read of one that may fill up, and all that is
 * kept of one that would do so before the hours of a warning are over, because only then do earlier days say something.
 */
export async function judgeNode(
  { node, readings, unseen }: Pick<JudgedSweep, 'node' | 'readings' | 'unseen'>,
  before: Warning | undefined,
  series: Pick<SeriesStore, 'read'>,
  hours: WarningHours,
  now: number,
): Promise<JudgedSweep> {
  const judged = async (): Promise<Outlook> => {
    const first = outlookOf(readings, now, undefined, hours);
    if (!mayFill(first, readings)) return first;
    const day = outlookOf(await series.read(node.instanceId, RUN_HOURS, now), now, undefined, hours);
    if (!('in' in day)) return day;
    return outlookOf(await series.read(node.instanceId, KEPT_HOURS, now), now, undefined, hours);
  };
  const outlook = await judged();
  return {
    node,
    readings,
    outlook,
    rates: unseen === undefined ? lossRates(readings) : {},
    warning: warningAfter(before, outlook, now, hours),
    ...(unseen === undefined ? {} : { unseen }),
  };
}
