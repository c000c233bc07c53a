import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { APPROVER, type Person, STRANGER } from '../../local/slack/people.ts';
import { ALL_SCOPES } from '../../src/slack/manifest.ts';
import { Scenario } from './support/scenario.ts';
import { until } from './support/until.ts';

const COUNTERS = 'net.netfilter.nf_conntrack_count = 65535\nnet.netfilter.nf_conntrack_max = 65536\n';
const FULL = '[2833841.216211] nf_conntrack: nf_conntrack: table full, dropping packet\n';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.start([1]);
});
// Other files find this service again.
afterEach(() => {
  Object.assign(scenario.service.slack.workspace.installation, { scopes: [...ALL_SCOPES], isMember: true });
});
afterAll(() => scenario.close());

/** What a person sees in the thread of a message, or beside it, once something is there. */
async function answerTo(ts: string, person: Person): Promise<string> {
  const { workspace } = scenario.service.slack;
  const found = () => [
    ...workspace.threadAs(person.id, ts),
    // What other files have had said to this person is older.
    ...workspace.channelAs(person.id).filter((message) => message.onlyFor === person.id && message.ts > ts),
  ];
  await until(
    () => Promise.resolve(found().length > 0),
    () => 'nothing was answered',
  );
  return JSON.stringify(found());
}

describe('the shortcut "Diagnose this", through the built handlers', () => {
  test.each([
    ['an approver', APPROVER],
    ['anybody else', STRANGER],
  ])('answers %s in the thread of the message', async (_, person) => {
    const { slack } = scenario.service;
    const cards = () => slack.workspace.channelAs(APPROVER.id).filter(({ by }) => by === undefined).length;
    const before = cards();
    const { ts } = slack.say(person, `\`\`\`\n${FULL}${COUNTERS}\`\`\``);
    expect(await slack.diagnose(person, ts)).toEqual({ status: 200, body: '' });
    const answer = await answerTo(ts, person);
    expect(answer).toContain('table-full');
    expect(answer).toContain('65,535');
    // Nothing was opened: the channel has no card more.
    expect(cards()).toBe(before);
  });

  test('reads the files of the message', async () => {
    const { slack } = scenario.service;
    const { ts } = slack.say(STRANGER, 'from the node', { 'dmesg.txt': FULL, 'sysctl.txt': COUNTERS });
    await slack.diagnose(STRANGER, ts);
    expect(await answerTo(ts, STRANGER)).toMatch(/table-full.*65,535/);
  });

  test('says what is missing where the app may not read files', async () => {
    const { slack } = scenario.service;
    slack.workspace.installation.scopes = ALL_SCOPES.filter((scope) => scope !== 'files:read');
    const { ts } = slack.say(STRANGER, 'look', { 'dmesg.txt': FULL });
    await slack.diagnose(STRANGER, ts);
    expect(await answerTo(ts, STRANGER)).toContain('dmesg.txt may not be read: the app needs files:read');
  });

  test('refuses a file of more than 8 MiB with a sentence', async () => {
    const { slack } = scenario.service;
    const { ts } = slack.say(STRANGER, 'look', { 'all.txt': Buffer.alloc(9 * 2 ** 20, 'a\n') });
    await slack.diagnose(STRANGER, ts);
    expect(await answerTo(ts, STRANGER)).toContain('all.txt makes it more than');
  });

  test('answers the person alone where the app is not in the channel', async () => {
    const { slack } = scenario.service;
    slack.workspace.installation.isMember = false;
    const { ts } = slack.say(STRANGER, `${FULL}${COUNTERS}`);
    await slack.diagnose(STRANGER, ts);
    const answer = await answerTo(ts, STRANGER);
    expect(answer).toContain('table-full');
    expect(answer).toContain('only you see this');
    expect(slack.workspace.threadAs(APPROVER.id, ts)).toEqual([]);
  });
});
