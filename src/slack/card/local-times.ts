import type { KnownBlock } from '@slack/types';
import { LIMITS } from '../block-limits.ts';

/**
 * A time as our sentences have it: `14:02:10Z`, `2026-11-23 14:02:10Z`, and in answers to a click `2026-11-23 14:02Z`. What is a
 * token of Slack's already is left alone: none may stand in another.
 */
const TIME = /<[^<>]*>|(?<![\d:.T-])(?:(\d{4}-\d\d-\d\d) )?(\d\d:\d\d(:\d\d)?)Z(?!\w)/g;

/**
 * Text in which each time is one that Slack shows in the reader's own time zone (docs.slack.dev, date formatting); where it cannot,
 * UTC stays as it was.
 *
 * @param text - mrkdwn, escaped
 * @param now - milliseconds since the Unix epoch: a time without a date is of that day in UTC
 */
export function withLocalTimes(text: string, now: number): string {
  return text.replaceAll(TIME, (utc: string, date?: string, clock?: string, seconds?: string) => {
    if (clock === undefined) return utc;
    const at = Date.parse(`${date ?? new Date(now).toISOString().slice(0, 10)}T${clock}Z`);
    if (Number.isNaN(at)) return utc;
    const format = `${date === undefined ? '' : '{date_short_pretty} '}${seconds === undefined ? '{time}' : '{time_secs}'}`;
    return `<!date^${at / 1000}^${format}|${utc}>`;
  });
}

/** The same for every mrkdwn text of some blocks; one that would become too long keeps its times in UTC. */
export function blocksWithLocalTimes<T extends KnownBlock>(blocks: readonly T[], now: number): T[] {
  const local = (_key: string, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || !('text' in value) || !('type' in value)) return value;
    if (value.type !== 'mrkdwn' || typeof value.text !== 'string') return value;
    const text = withLocalTimes(value.text, now);
    return text.length <= LIMITS.fieldChars ? { ...value, text } : value;
  };
  return JSON.parse(JSON.stringify(blocks, local)) as T[];
}
