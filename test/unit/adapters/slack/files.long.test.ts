import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { fetchSlackFile } from '../../../../src/adapters/slack/files.ts';

let server: Server;
let elsewhere: Server;
let origin = '';
let other = '';
const seen: string[] = [];

function listen(answer: Parameters<typeof createServer>[1]): Promise<Server> {
  const one = createServer(answer);
  return new Promise((resolve) => {
    one.listen(0, '127.0.0.1', () => resolve(one));
  });
}
const urlOf = (one: Server) => `http://127.0.0.1:${(one.address() as AddressInfo).port}`;

beforeAll(async () => {
  elsewhere = await listen(({ headers }, response) => {
    seen.push(`elsewhere ${headers.authorization}`);
    response.end('secret of another host');
  });
  other = urlOf(elsewhere);
  server = await listen(({ url = '', headers }, response) => {
    seen.push(`${url} ${headers.authorization}`);
    if (url === '/away') response.writeHead(302, { location: `${other}/x` }).end();
    else if (url === '/large') response.end(Buffer.alloc(5_000));
    else if (url === '/endless') response.write('a');
    else if (url === '/cut')
      response.writeHead(200, { 'content-length': '100' }).write('a', () => response.destroy());
    else response.end('cpu=0 drop=1\n');
  });
  origin = urlOf(server);
});
afterAll(() => {
  for (const one of [server, elsewhere]) {
    one.closeAllConnections();
    one.close();
  }
});
beforeEach(() => {
  seen.length = 0;
});

const fetched = (url: string, apiUrl: string | undefined = `${origin}/api/`) =>
  fetchSlackFile({ name: 'a.txt', url }, { botToken: 'xoxb-1', apiUrl, timeoutMs: 500 }, 1_000);

test('fetches a file with the token of the bot', async () => {
  expect(String(await fetched(`${origin}/a`))).toBe('cpu=0 drop=1\n');
  expect(seen).toEqual(['/a Bearer xoxb-1']);
});

test.each([
  ['of another host', () => `${other}/a`],
  ['of Slack’s Web API', () => 'https://slack.com/api/files'],
  ['with another host in front', () => 'https://files.slack.com.example.org/a'],
  ['with a name before the host', () => 'https://files.slack.com@example.org/a'],
  ['with a name and Slack’s host', () => 'https://user@files.slack.com/a'],
  ['without encryption', () => 'http://files.slack.com/a'],
  ['of another port', () => 'https://files.slack.com:8443/a'],
  ['of this machine', () => 'file:///etc/passwd'],
  ['of the metadata service', () => 'http://169.254.169.254/latest/meta-data'],
  ['that is none', () => ''],
])('asks nobody for an address %s', async (_, url) => {
  await expect(fetched(url(), undefined)).rejects.toThrow(
    /^a\.txt does not lie in this Slack workspace; paste its text\.$/,
  );
  expect(seen).toEqual([]);
});

test('follows no redirect: the token goes nowhere else', async () => {
  await expect(fetched(`${origin}/away`)).rejects.toThrow(
    /^a\.txt may not be read: the app needs files:read/,
  );
  expect(seen).toEqual(['/away Bearer xoxb-1']);
});

test.each([
  ['is too large', '/large', /^a\.txt makes it more than 0 MiB/],
  ['never ends', '/endless', /^a\.txt could not be fetched/],
  ['is cut off', '/cut', /^a\.txt could not be fetched/],
])('gives a sentence for a file that %s', async (_, path, sentence) => {
  await expect(fetched(`${origin}${path}`)).rejects.toThrow(sentence);
});
