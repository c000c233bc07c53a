import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DynamoIncidentStore } from '../../../../src/adapters/dynamo/incident-store.ts';
import { answerPage, type PageParts } from '../../../../src/adapters/slack/page-answer.ts';
import { startSlackStandIn } from '../../slack/slack-stand-in.ts';
import { buildIncident } from '../../support/incidents.ts';
import { historyOf, pageOfIncident } from '../../support/pages.ts';
import { startTable, TABLE } from '../support.ts';

let slack: Awaited<ReturnType<typeof startSlackStandIn>>;
let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  slack = await startSlackStandIn();
  table = await startTable();
});
afterAll(async () => {
  await slack.close();
  await table.close();
});
beforeEach(() => {
  slack.calls.length = 0;
});

const incident = buildIncident('resolved');
const LINK = 'https://bucket.s3.amazonaws.com/pages/inc/x.html?X-Amz-Expires=600&X-Amz-Signature=0a';

const parts = (changes: Partial<PageParts> = {}): PageParts => ({
  store: { history: async () => historyOf(incident), begin: async () => true },
  pages: { publish: async () => LINK, latencyOf: async () => undefined },
  render: () => pageOfIncident(incident),
  renderFleet: async () => '<html>the fleet</html>',
  apiUrl: slack.apiUrl,
  timeoutMs: 5000,
  ...changes,
});
const request = (responseUrl = slack.responseUrl) =>
  ({ schema: 'medic.page-request/1', incidentId: incident.head.id, user: 'U0ANA0001', responseUrl }) as const;
const said = () => slack.calls.map(({ body }) => body);

test('the clicker alone is told the link, how long it works and what it shows', async () => {
  await answerPage(request(), parts());
  expect(said()).toEqual([
    {
      response_type: 'ephemeral',
      replace_original: false,
      text: expect.stringContaining(`<${LINK.replaceAll('&', '&amp;')}|Open the page`) as string,
    },
  ]);
  expect(said()[0]?.['text']).toMatch(/ten minutes.*addresses/);
});

test('what is published is the page of the record as it is now', async () => {
  const published: string[] = [];
  const publish = async (_id: string, html: string) => {
    published.push(html);
    return LINK;
  };
  await answerPage(request(), parts({ pages: { publish, latencyOf: async () => undefined } }));
  expect(published).toEqual([pageOfIncident(incident)]);
});

test('the clicker is told where it fails, and whoever asked learns why', async () => {
  const publish = () => Promise.reject(new Error('AccessDenied'));
  await expect(
    answerPage(request(), parts({ pages: { publish, latencyOf: async () => undefined } })),
  ).rejects.toThrow('AccessDenied');
  expect(said()).toMatchObject([{ text: expect.stringMatching(/could not be made.*medic page/) as string }]);
});

test('an incident that is gone is said to be', async () => {
  await answerPage(request(), parts({ store: { history: async () => undefined, begin: async () => true } }));
  expect(said()).toMatchObject([{ text: expect.stringContaining('not known here any more') as string }]);
});

test('the page of the fleet is published beside those of incidents, and its link says what it shows', async () => {
  const published: (readonly [string, string])[] = [];
  const publish = async (of: string, html: string) => {
    published.push([of, html]);
    return LINK;
  };
  const pages = { publish, latencyOf: async () => undefined };
  await answerPage({ ...request(), of: 'fleet' }, parts({ pages }));
  expect(published).toEqual([['fleet', '<html>the fleet</html>']]);
  expect(said()[0]?.['text']).toMatch(/Open the page of the fleet>.*ten minutes.*limits of all nodes/);
});

test('where no sweep has left anything the clicker is told so', async () => {
  await answerPage({ ...request(), of: 'fleet' }, parts({ renderFleet: async () => undefined }));
  expect(said()).toMatchObject([{ text: expect.stringContaining('switched off') as string }]);
});

test('nothing is sent to an address that is not one of Slack', async () => {
  await expect(answerPage(request('https://evil.example/hook'), parts())).rejects.toThrow('not its own');
  await expect(answerPage(request(), parts({ apiUrl: undefined }))).rejects.toThrow('not its own');
  expect(said()).toEqual([]);
});

test('a click that is handed over twice is answered once, and the next click has an answer of its own', async () => {
  const records = new DynamoIncidentStore(table.client, TABLE, { nodeLockSeconds: 60 });
  const begin = records.begin.bind(records);
  const dies = parts({ store: { history: () => new Promise<never>(() => {}), begin } });
  const once = parts({ store: { history: async () => historyOf(incident), begin } });
  // One that died while it made the page has answered nothing.
  void answerPage(request(), dies);
  await Promise.all([answerPage(request(), once), answerPage(request(), once)]);
  expect(said()).toHaveLength(1);
  await answerPage(request(`${slack.responseUrl}?2`), once);
  expect(said()).toHaveLength(2);
});

test('where it can not be noted who is first, there is an answer all the same', async () => {
  const begin = () => Promise.reject(new Error('the table is away'));
  await answerPage(request(), parts({ store: { history: async () => historyOf(incident), begin } }));
  expect(said()).toHaveLength(1);
});
