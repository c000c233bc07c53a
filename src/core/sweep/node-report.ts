import { fateWords, type LimitChange, type LimitStory, limitStory } from '../fleet/limit-story.ts';
import { type Outlook, outlookOf } from '../fleet/outlook.ts';
import { type LossRates, lossRates } from '../fleet/rates.ts';
import type { ProbeReading } from '../fleet/reading.ts';
import { driftWords } from '../fleet/table.ts';
import { counted, percent, show } from '../words.ts';

/** What `medic node` says of one node. */
export interface NodeReport extends LimitStory {
  readonly schema: 'medic.node/1';
  readonly instanceId: string;
  readonly at: string;
  readonly outlook: Outlook;
  readonly rates: LossRates;
  /** The newest reading; absent where there is none. */
  readonly newest?: ProbeReading;
  /** How many readings there are, and since when. */
  readonly readings: number;
  readonly since?: string;
}

/** @param readings all that are kept of the node, in order of time */
export function nodeReport(instanceId: string, readings: readonly ProbeReading[], now: number): NodeReport {
  const [first, newest] = [readings[0], readings.at(-1)];
  return {
    schema: 'medic.node/1',
    instanceId,
    at: new Date(now).toISOString(),
    ...limitStory(readings),
    outlook: outlookOf(readings, now),
    rates: lossRates(readings),
    ...(newest === undefined ? {} : { newest }),
    readings: readings.length,
    ...(first === undefined ? {} : { since: time(first.at) }),
  };
}

const time = (at: number): string => new Date(at).toISOString();
/** A moment for people, to the minute. */
const minute = (at: number): string => `${time(at).slice(0, 16).replace('T', ' ')}Z`;

/** The report as text for a terminal. */
export function nodeText(report: NodeReport): string {
  const { instanceId, newest, limit, changes, fates, outlook, readings, since } = report;
  if (newest === undefined)
    return `${instanceId}: no sweep has seen it in the last fifteen days. Look at its tags, or whether the sweep runs: medic fleet.\n`;
  const { count, max, drift } = newest;
  const [latest] = changes;
  const held =
    count === undefined || max === undefined
      ? 'not seen at the newest reading'
      : max === 0
        ? `${counted(count, 'entry')}, no limit`
        : `${show(count)} of ${show(max)} entries (${percent(count / max)})`;
  const lines = [
    `${instanceId}, read ${counted(readings, 'time')} since ${minute(Date.parse(since ?? report.at))}, last at ${minute(newest.at)}`,
    '',
    `Now:           ${held}`,
    `Ahead:         ${outlook.why}`,
    `Losses:        ${lossWords(report.rates)}`,
    `Drift:         ${driftWords(drift)}`,
    '',
    `The limit:     ${limit === undefined ? 'not seen' : limit === 0 ? 'none (nf_conntrack_max is 0)' : show(limit)}`,
    `Set by:        ${latest === undefined ? `not told: it was the same at every reading since ${minute(Date.parse(since ?? report.at))}` : setWords(latest)}`,
    ...changes.map((change) => `It was:        ${show(change.from)} until ${minute(change.by)}`),
    ...fates.map((fate) => `When ${fate.when}: ${fateWords(fate)} (${fate.why})`),
  ];
  return `${lines.join('\n')}\n`;
}

const SET_BY: Readonly<Record<LimitChange['setBy'], string>> = {
  boot: 'a boot of the node',
  'kube-proxy': 'a start of kube-proxy',
  'conntrack-medic': 'conntrack-medic',
  'not-known': 'somebody or something that the readings do not show',
};

function setWords({ setBy, incident, after, by, to }: LimitChange): string {
  const who = incident === undefined ? SET_BY[setBy] : `${SET_BY[setBy]}, incident ${incident}`;
  return `${who}, to ${show(to)}, between ${minute(after)} and ${minute(by)}`;
}

function lossWords({ fullDrops, insertFailed, enaExceeded }: LossRates): string {
  const parts = [
    ...(fullDrops === undefined
      ? []
      : [`${counted(Math.round(fullDrops), 'packet')} a second found the table full`]),
    ...(insertFailed === undefined
      ? []
      : [`${counted(Math.round(insertFailed), 'entry')} a second could not be inserted`]),
    ...(enaExceeded === undefined
      ? []
      : [`${counted(Math.round(enaExceeded), 'packet')} a second dropped by EC2's allowance`]),
  ];
  return parts.length === 0 ? 'not told by the newest two readings' : parts.join(', ');
}
