import { EC2Client } from '@aws-sdk/client-ec2';
import { afterEach, expect, test } from 'vitest';
import { startEc2 as startLocalEc2 } from '../../../../local/ec2.ts';
import { FLEET } from '../../../../local/fleet/day.ts';
import type { LocalServer } from '../../../../local/http-server.ts';
import { Ec2Lookups } from '../../../../src/adapters/lookups/ec2-instances.ts';
import { failureOf } from '../../../../src/core/resolve/gap-words.ts';
import { LOCAL, startResponder } from '../support.ts';

let server: Awaited<ReturnType<typeof startResponder>> | undefined;
let local: LocalServer | undefined;
afterEach(async () => {
  await server?.close();
  await local?.close();
});

const card = (index: number, baseline: string, peak: string) =>
  `<item><networkCardIndex>${index}</networkCardIndex>${baseline === '' ? '' : `<baselineBandwidthInGbps>${baseline}</baselineBandwidthInGbps>`}${peak === '' ? '' : `<peakBandwidthInGbps>${peak}</peakBandwidthInGbps>`}</item>`;

const type = (name: string, ...cards: string[]) =>
  `<item><instanceType>${name}</instanceType><networkInfo><defaultNetworkCardIndex>0</defaultNetworkCardIndex><networkCards>${cards.join('')}</networkCards></networkInfo></item>`;

const TYPES = [
  type('m6i.large', card(0, '0.781', '12.5')),
  type('m6i.32xlarge', card(0, '50.0', '50.0')),
  type('p4d.24xlarge', card(1, '100.0', '100.0'), card(0, '90.0', '100.0')),
  type('t1.micro', card(0, '', '')),
];

const answer = (...items: string[]) =>
  `<DescribeInstanceTypesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><instanceTypeSet>${items.join('')}</instanceTypeSet></DescribeInstanceTypesResponse>`;

async function startEc2() {
  server = await startResponder(({ body }) => {
    const asked = [...new URLSearchParams(body)].flatMap(([key, value]) =>
      key.startsWith('Filter.1.Value.') ? [value] : [],
    );
    return {
      status: 200,
      body: answer(...TYPES.filter((one) => asked.some((name) => one.includes(`>${name}<`)))),
    };
  });
  return new Ec2Lookups(new EC2Client({ ...LOCAL, endpoint: server.url }));
}

test('a type may carry what the card of its first interface does, and a burst only where that is more', async () => {
  const lookups = await startEc2();
  const types = ['m6i.large', 'm6i.32xlarge', 'p4d.24xlarge', 't1.micro', 'x9z.huge'];
  expect(Object.fromEntries(await lookups.bandwidths(types))).toEqual({
    'm6i.large': { baselineGbps: 0.781, burstGbps: 12.5 },
    'm6i.32xlarge': { baselineGbps: 50 },
    'p4d.24xlarge': { baselineGbps: 90, burstGbps: 100 },
  });
});

test('EC2 is asked once for a type, of which it says something or not', async () => {
  const lookups = await startEc2();
  for (let times = 0; times < 2; times++) await lookups.bandwidths(['m6i.large', 'x9z.huge']);
  expect(server?.seen).toHaveLength(1);
  await lookups.bandwidths(['m6i.large', 'm6i.32xlarge']);
  expect(server?.seen).toHaveLength(2);
  expect(server?.seen[1]?.body).not.toContain('m6i.large');
});

test('the fleet of the demo has the bandwidths of its nodes, and what it does not serve is refused in one sentence', async () => {
  local = await startLocalEc2([]);
  const lookups = new Ec2Lookups(new EC2Client({ ...LOCAL, endpoint: local.url }));
  const types = [...new Set(FLEET.map(({ instanceType }) => instanceType))];
  expect([...(await lookups.bandwidths(types)).keys()].toSorted()).toEqual(types.toSorted());
  const refused: unknown = await lookups.ownersOf(['10.0.0.1'], undefined).catch((error: unknown) => error);
  expect(failureOf('Owners', refused)).toMatch(/^Owners could not be looked up: [^.]* is not served here\.$/);
});

test('an answer that is none is told without what is for a debugger', async () => {
  server = await startResponder(() => ({ status: 500, body: 'Bad gateway' }));
  const lookups = new Ec2Lookups(new EC2Client({ ...LOCAL, endpoint: server.url, maxAttempts: 1 }));
  const failed: unknown = await lookups.bandwidths(['m6i.large']).catch((error: unknown) => error);
  expect(failureOf('Bandwidths', failed)).toMatch(
    /^Bandwidths could not be looked up: (?!Error)(?!.*hidden field)./,
  );
});
