import { expect, it } from 'vitest';
import { withLocalTimes } from '../../../src/slack/card/local-times.ts';

const NOW = Date.parse('2026-11-23T14:05:00Z');
const seconds = (iso: string) => Date.parse(iso) / 1000;

it('shows a time of today by its seconds, and one of another day with its date', () => {
  expect(withLocalTimes('read 14:02:10Z, until 2026-11-24 03:10:53Z.', NOW)).toBe(
    `read <!date^${seconds('2026-11-23T14:02:10Z')}^{time_secs}|14:02:10Z>, until <!date^${seconds('2026-11-24T03:10:53Z')}^{date_short_pretty} {time_secs}|2026-11-24 03:10:53Z>.`,
  );
});

it('knows the minute of an answer to a click', () => {
  expect(withLocalTimes('by @ana (apply-one, 2026-11-23 14:02Z)', NOW)).toContain(
    `<!date^${seconds('2026-11-23T14:02:00Z')}^{date_short_pretty} {time}|2026-11-23 14:02Z>`,
  );
});

it.each([
  'a time of a longer name: 2026-11-26T10:15:00Z',
  'no time of any day: 25:61:00Z',
  'a link <https://example.com|p99 14:02:10Z>',
])('leaves alone %s', (text) => {
  expect(withLocalTimes(text, NOW)).toBe(text);
});
