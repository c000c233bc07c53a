import { expect, it } from 'vitest';
import { CLICK, PATIENT, type Patience, PROMPT } from '../../../src/adapters/waiting/patience.ts';
import { exampleConfig, templateOf } from './support.ts';

/** Seconds that one invocation of a function may take, by the start of its description. */
function secondsOf(description: string): number {
  const functions = Object.values(templateOf(exampleConfig()).findResources('AWS::Lambda::Function'));
  const found = functions.find(({ Properties }) => Properties.Description?.startsWith(description));
  return found?.Properties.Timeout;
}

it.each<[string, string, Patience, number]>([
  ['a click', 'Takes clicks', CLICK, 1],
  ['an alarm, with the record and Slack one after the other', 'Takes alarms', PROMPT, 2],
  ['an alert, with the record and Slack one after the other', 'Takes alerts', PROMPT, 2],
  ['a lookup, with two services one after the other', 'Finds the nodes', PATIENT, 2],
  ['a step of the workflow', 'Follows one incident', PATIENT, 2],
  ['a change', 'Changes nodes', PATIENT, 2],
])('who stays silent holds %s for less than its function has', (_what, description, { totalMs }, silent) => {
  expect((totalMs / 1000) * silent).toBeLessThan(secondsOf(description));
});

it('an alarm that comes while the table is away is waited for longer than ten minutes, with the times that Lambda tries again', () => {
  const [wait, between] = [150, [60, 120]];
  expect(wait + (PROMPT.totalMs / 1000) * 3).toBeLessThan(secondsOf('Takes alarms'));
  expect(3 * wait + between.reduce((sum, seconds) => sum + seconds)).toBeGreaterThan(600);
});
