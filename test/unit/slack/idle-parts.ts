import type { SlackAppParts } from '../../../src/slack/app.ts';
import { fixedSecret } from '../../../src/slack/secret-source.ts';
import { SIGNING_SECRET } from './slack-stand-in.ts';

/**
 * Parts of the Slack app that nothing stands behind: a test gives those that it looks at.
 * @param apiUrl where Slack's stand-in is called
 */
export const idleParts = (apiUrl: string): SlackAppParts => ({
  secrets: fixedSecret({ botToken: 'xoxb-test' }),
  signing: fixedSecret({ signingSecret: SIGNING_SECRET }),
  apiUrl,
  store: {} as never,
  clicks: {} as never,
  delivery: {} as never,
  show: async () => {},
  carryOn: () => Promise.resolve('nothing'),
  clock: { now: () => Date.now() },
  approvers: [],
  channel: 'C0INCIDENTS',
  openByHand: () => Promise.resolve('opened'),
  evidenceMaxAgeSeconds: 900,
  askDiagnosis: () => Promise.resolve(),
  askPage: () => Promise.resolve(),
  receiveAlarm: () => Promise.resolve('opened'),
  catalogue: [],
  startTrace: async () => {},
  cardOf: () => ({}) as never,
  runbookOf: () => ({ title: 't', markdown: 'm' }),
  log: () => {},
});
