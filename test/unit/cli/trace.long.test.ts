import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../nodes/support/temporary.ts';
import { medic } from '../support/medic.ts';
import { pcapsOf, RECORDED_TRACE } from '../support/recorded-trace.ts';

const RECORDED = 'test/fixtures/traces/nft-rule.txt';

async function fileWith(name: string, content: Buffer | string): Promise<string> {
  const path = join(await temporaryDirectory(), name);
  writeFileSync(path, content);
  return path;
}

/** The captured headers of one point of the recorded trace, as a file of its own. */
async function pcapOf(point: number): Promise<string> {
  return await fileWith(`point-${point}.pcap`, pcapsOf(RECORDED_TRACE).get(point) ?? '');
}

describe('medic diagnose with packets', () => {
  it('tells what a trace found', async () => {
    const { out, status } = await medic(['diagnose', RECORDED], '');
    expect(status).toBe(0);
    expect(out).toContain('new connections to tcp 30080');
    expect(out).toContain('lost in netfilter or routing on this node');
    expect(out).toContain('- nft_do_chain, NETFILTER_DROP: 30 packets');
  });

  it('names the pods that the node told', async () => {
    const named = RECORDED_TRACE.replace('point.0=', 'pod.1=shop/checkout-7d9 198.18.1.2\npoint.0=');
    const file = await fileWith('named.txt', named);
    const { out } = await medic(['diagnose', file], '');
    expect(out).toContain('not on the interface of shop/checkout-7d9 on the node (eni0a1)');
    expect(out).toContain('- pod eth0 of shop/checkout-7d9 (198.18.1.2)');
    const json = await medic(['diagnose', file, '--json'], '');
    expect(JSON.parse(json.out)).toMatchObject({ pods: [{ number: 1, name: 'shop/checkout-7d9' }] });
  });

  it('says the same as JSON', async () => {
    const { out } = await medic(['diagnose', RECORDED, '--json'], '');
    expect(JSON.parse(out)).toMatchObject({
      schema: 'medic.trace/1',
      rung: 'tcpdump',
      summary: { connections: 100, delayed: 15, lost: [{ edge: 'node', packet: 'SYN', count: 15 }] },
    });
  });

  it('matches files of several points by sequence number, the one nearest to the client first', async () => {
    const { out } = await medic(['diagnose', await pcapOf(0), await pcapOf(1), await pcapOf(2)], '');
    expect(out).toMatch(/In \d+ the first SYN was seen on point-0\.pcap and not on point-1\.pcap/);
  });

  it.each([
    ['a trace that is cut off', RECORDED_TRACE.slice(0, 1500), /not the whole output of a trace/],
    [
      'a trace that was refused',
      '=== medic/1 aaaaaaaaaaaaaaaa trace - ok 1.00\noutcome=refused\ncode=busy\ndetail=Another trace runs.\n=== medic/1 aaaaaaaaaaaaaaaa end - ok 1.00\n',
      /Another trace runs\./,
    ],
    [
      'a pcap of an unknown link',
      Buffer.from(`d4c3b2a1020004${'00'.repeat(13)}93000000`, 'hex'),
      /link type 147/,
    ],
  ])('says so in one sentence for %s', async (_, content, reason) => {
    const { status, error } = await medic(['diagnose', await fileWith('given', content)], '');
    expect(status).toBe(2);
    expect(error).toMatch(reason);
  });

  it('does not mix them with other inputs', async () => {
    const { status, error } = await medic(['diagnose', RECORDED, 'test/fixtures/worked-examples/a.txt'], '');
    expect(status).toBe(2);
    expect(error).toContain('read by themselves');
  });
});

describe('medic trace', () => {
  it.each([
    ['--seconds', '4'],
    ['--port', '70000'],
    ['--points', 'uplink=$(id)'],
  ])('refuses %s %s before anything runs', async (option, value) => {
    const { status, error } = await medic(['trace', '--script', option, value], '');
    expect(status).toBe(2);
    expect(error).toContain(`${option} ${value} is none that a trace takes`);
  });

  it.each([
    [['i-0123456789abcdef0', '--local'], '--local is for this machine'],
    [['i-0123456789abcdef0', '--script'], '--script is for this machine'],
    [['--region', 'eu-central-1'], 'say where a node is; give its instance id'],
    [['10.0.0.1'], '"10.0.0.1" is no instance id'],
    [['i-0123456789abcdef0', '--port', '0'], '--port 0 is none that a trace takes'],
  ])('says in one sentence what %j lacks', async (given, sentence) => {
    const { status, error } = await medic(['trace', ...given], '');
    expect(status).toBe(2);
    expect(error).toContain(sentence);
    expect(error.trim().split('\n')).toHaveLength(1);
  });

  it('prints the script of this machine with and without --local', async () => {
    const here = await medic(['trace', '--script'], '');
    const local = await medic(['trace', '--local', '--script'], '');
    const withoutNonce = (text: string) => text.replace(/SSM_nonce-'[a-z0-9]{16}'/, '');
    expect(withoutNonce(local.out)).toBe(withoutNonce(here.out));
  });

  it('prints the script with its parameters filled in', async () => {
    const { out } = await medic(['trace', '--script', '--seconds', '7', '--port', '443'], '');
    expect(out).not.toContain('{{');
    expect(out).toContain("MEDIC_SECONDS=${SSM_seconds-'7'}");
  });
});
