import { describe, expect, it } from 'vitest';
import { nodeNames } from '../../../../src/core/sweep/node-names.ts';

const DOMAIN = 'eu-central-1.compute.internal';
const [ONE, TWO, SHORT] = ['i-0000000000000000a', 'i-0000000000000000b', 'i-0000000000000000c'];
const find = nodeNames([
  {
    instanceId: ONE ?? '',
    isOnline: true,
    hostNames: [`ip-10-0-0-1.${DOMAIN}`],
    addresses: ['10.0.0.1', 'fd00::17'],
  },
  {
    instanceId: TWO ?? '',
    isOnline: true,
    hostNames: [`ip-10-0-0-2.${DOMAIN}`, 'worker'],
    addresses: ['10.0.0.2'],
  },
  // As it is where only Systems Manager is asked.
  { instanceId: SHORT ?? '', isOnline: false, hostNames: ['ip-10-0-0-3'] },
  { instanceId: 'i-0000000000000000d', isOnline: true, hostNames: ['worker'], addresses: ['10.0.0.4'] },
]);

describe('the node that labels name', () => {
  it.each([
    [[ONE ?? ''], undefined, ONE],
    [[`aws:///eu-central-1a/${ONE}`], undefined, ONE],
    [[`IP-10-0-0-1.${DOMAIN}`], undefined, ONE],
    [['ip-10-0-0-1'], undefined, ONE],
    [[], '10.0.0.1:9100', ONE],
    [[], '[fd00::17]:9100', ONE],
    [[], 'fd00::17', ONE],
    [[], `ip-10-0-0-2.${DOMAIN}:9100`, TWO],
    [[`ip-10-0-0-3.${DOMAIN}`], '10.0.0.3:9100', SHORT],
    [[ONE ?? ''], '127.0.0.1:9100', ONE],
    [[ONE ?? ''], 'node-exporter.monitoring.svc:9100', ONE],
  ])('is found by %j at %j', (names, scrapedAt, instanceId) => {
    expect(find({ names, scrapedAt })).toBe(instanceId);
  });

  it.each([
    ['no node of the fleet', ['i-0000000000000000f'], '10.9.9.9:9100'],
    ['another region with the same first label', ['ip-10-0-0-1.us-west-2.compute.internal'], undefined],
    ['two nodes', [ONE ?? '', TWO ?? ''], undefined],
    ['one node, at the address of another one', [ONE ?? ''], '10.0.0.2:9100'],
    ['a node, at the address of a pod', [`ip-10-0-0-1.${DOMAIN}`], '10.0.0.77:9100'],
    ['a name that two nodes have', ['worker'], undefined],
    ['nothing', ['', '__proto__', 'constructor'], ''],
  ])('is none where they name %s', (_, names, scrapedAt) => {
    expect(find({ names, scrapedAt })).toBeUndefined();
  });
});
