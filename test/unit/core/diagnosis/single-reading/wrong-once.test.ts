import { describe, expect, it } from 'vitest';
import { diagnosedHosts, diagnosedPaste, pasteOf } from '../../../support/pastes.ts';

const tool = (drop: number) =>
  `cpu=0   \tfound=10 invalid=2 insert=0 insert_failed=0 drop=${drop} early_drop=0 error=0 search_restart=0 clash_resolve=0 chaintoolong=0 \n`;
const FULL = 'net.netfilter.nf_conntrack_count = 131072\nnet.netfilter.nf_conntrack_max = 131072\n';
const MEMORY = 'MemTotal: 32500000 kB\nMemFree: 12500000 kB\nMemAvailable: 20500000 kB\n';

describe('what CloudWatch added up', () => {
  const answer = (label: string, statistic: string, ...values: readonly number[]) =>
    JSON.stringify({
      Label: label,
      Datapoints: values.map((value, index) => ({
        Timestamp: `2026-11-26T10:0${index}:00Z`,
        [statistic]: value,
        Unit: 'Count',
      })),
    });

  it('is of its periods, all of them, and nothing since a driver was loaded', () => {
    const { verdict, headline, findings } = diagnosedPaste(
      answer('ethtool_conntrack_allowance_exceeded', 'Sum', 812, 0, 1_430),
    );
    expect(verdict).toBe('ena-conntrack-allowance');
    expect(headline).toContain('2,242');
    expect(JSON.stringify([headline, findings])).not.toMatch(/since (?:boot|the driver)/);
  });

  it('is no fault where it is little, or of a limit that is met in bursts on healthy instances', () => {
    expect(diagnosedPaste(answer('ethtool_conntrack_allowance_exceeded', 'Sum', 3)).verdict).toBe(
      'insufficient-evidence',
    );
    expect(diagnosedPaste(answer('ethtool_bw_in_allowance_exceeded', 'Sum', 40, 12)).verdict).toBe(
      'insufficient-evidence',
    );
  });

  it('is a counter since the driver was loaded where it is its greatest value', () => {
    expect(
      diagnosedPaste(answer('ethtool_conntrack_allowance_exceeded', 'Maximum', 81_233)).headline,
    ).toMatch(/81,233 .*since the driver/);
  });
});

describe('a second host that only a sentence names', () => {
  it.each([
    [
      'after the first in a prompt',
      `root@node-a:~# conntrack -S\n${tool(10)}and now the same from node-b\n$ conntrack -S\n${tool(9_000)}`,
    ],
    [
      'both in sentences',
      `This is what I get on node-a.\n${tool(10)}\nSame thing on node-b, which is fine\n${tool(9_000)}`,
    ],
    [
      'between two dated blocks',
      `node-a looks like this\n2026-11-26T10:00:00Z\n${tool(10)}${FULL}${MEMORY}\nwhile node-b gives\n2026-11-26T10:00:30Z\n${tool(9_000)}${FULL}${MEMORY}`,
    ],
    [
      'before a block in a fence',
      `root@node-a:~# date; conntrack -S\nThu Nov 26 10:00:00 UTC 2026\n${tool(10)}${FULL}${MEMORY}\nHere is node-b for comparison\n\`\`\`\nThu Nov 26 10:00:30 UTC 2026\n${tool(9_000)}${FULL}${MEMORY}\`\`\``,
    ],
  ])('is another host, and no second sample: %s', (_, text) => {
    const hosts = diagnosedHosts(text);
    expect(new Set(hosts.map(({ host }) => host.host))).toEqual(new Set(['node-a', 'node-b']));
    for (const { diagnosis, host } of hosts) {
      expect(diagnosis.offer.raise).toBe(false);
      expect(host.capture.clock.windowSeconds).toBeUndefined();
    }
  });

  it.each([
    [
      'a host that is only talked of',
      `root@node-a:~# date; conntrack -S\nThu Nov 26 10:00:00 UTC 2026\n${tool(10)}I have drained node-b yesterday because of this.\nroot@node-a:~# date; conntrack -S\nThu Nov 26 10:00:30 UTC 2026\n${tool(1_900)}`,
    ],
    [
      'the same host by its name',
      `root@node-a:~# date; conntrack -S\nThu Nov 26 10:00:00 UTC 2026\n${tool(10)}and on node-a half a minute later\nThu Nov 26 10:00:30 UTC 2026\n${tool(1_900)}`,
    ],
  ])('is none where nothing follows that is its: %s', (_, text) => {
    const hosts = diagnosedHosts(text);
    expect(hosts).toHaveLength(1);
    expect(hosts[0]?.diagnosis.headline).toContain('1,890');
  });
});

describe('count and limit that were asked for seconds apart', () => {
  it.each([
    [
      'by promtool',
      'node_nf_conntrack_entries{instance="10.0.3.7:9100"} => 131070 @[1716200000]\nnode_nf_conntrack_entries_limit{instance="10.0.3.7:9100"} => 131072 @[1716200004]\n',
    ],
    [
      'between two dates',
      '$ date; sysctl net.netfilter.nf_conntrack_count\nThu Nov 26 10:00:00 UTC 2026\nnet.netfilter.nf_conntrack_count = 131070\n$ date; sysctl net.netfilter.nf_conntrack_max\nThu Nov 26 10:00:04 UTC 2026\nnet.netfilter.nf_conntrack_max = 131072\n',
    ],
  ])('are one reading and no window: %s', (_, text) => {
    expect(pasteOf(text).capture.clock).toMatchObject({ windowSeconds: undefined, isOrdered: false });
    const diagnosis = diagnosedPaste(text);
    expect(diagnosis).toMatchObject({ verdict: 'near-full', offer: { raise: false } });
    expect(JSON.stringify(diagnosis)).toContain('131,070');
    expect(JSON.stringify(diagnosis)).not.toMatch(/\/4 s|in 4 s/);
  });

  it('leave the window to what was read twice', () => {
    const text =
      '$ date; sysctl net.netfilter.nf_conntrack_max; sysctl net.netfilter.nf_conntrack_count\nThu Nov 26 10:00:00 UTC 2026\nnet.netfilter.nf_conntrack_max = 131072\nnet.netfilter.nf_conntrack_count = 100\n$ date; sysctl net.netfilter.nf_conntrack_count\nThu Nov 26 10:00:30 UTC 2026\nnet.netfilter.nf_conntrack_count = 131000\n';
    expect(pasteOf(text).capture.clock.windowSeconds).toBe(30);
  });
});

describe('a counter that was not printed', () => {
  it('is no zero: drops without insert_failed beside them are of a full table or of a clash', () => {
    const { verdict, findings, gaps } = diagnosedPaste('from conntrack -S on the gateway:\ndrop = 48211');
    const states = new Map(findings.map(({ mode, state }) => [mode, state]));
    expect(verdict).toBe('insufficient-evidence');
    expect([states.get('table-full'), states.get('snat-race')]).toEqual(['unknown', 'unknown']);
    expect(gaps.join('\n')).toContain('drop 48,211');
  });

  it('makes no count of entries where a list of counters has none', () => {
    const { seen } = pasteOf('searched 2228\nfound 12\ninsert_failed 0\ndrop 5200\nearly_drop 0');
    expect(JSON.stringify(seen)).not.toContain('nf_conntrack_count');
  });
});

describe('what was not read of the card', () => {
  it('leaves drops before connection tracking open', () => {
    const row =
      '0001a2b3 00000000 00000001 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000';
    const text = `$ cat /proc/net/softnet_stat; sleep 10; cat /proc/net/softnet_stat\n${row}\n${row.replace('0001a2b3', '0001b2b3')}\n`;
    const finding = diagnosedPaste(text).findings.find(({ mode }) => mode === 'softnet-drops');
    expect(finding?.state).toBe('unknown');
    expect(JSON.stringify(finding)).toMatch(/ethtool -S/);
  });
});

describe('a confidence of "high" on a paste', () => {
  const two = (between: string) =>
    `$ conntrack -S\n${tool(100)}${FULL}${between}$ conntrack -S\n${tool(1_900)}${FULL}`;

  it('needs numbers and the time between them', () => {
    expect(diagnosedPaste(two('30 seconds later:\n'))).toMatchObject({
      verdict: 'table-full',
      confidence: 'high',
    });
  });

  it.each([
    ['two samples of unknown distance', two('and again:\n')],
    ['one sample of all numbers', `$ conntrack -S\n${tool(1_900)}${FULL}`],
    [
      'a line without a date beside numbers',
      `${FULL}${tool(1_900)}[5129.4] nf_conntrack: nf_conntrack: table full, dropping packet\n`,
    ],
    [
      'zeros and nothing that contradicts',
      `${tool(0)}net.netfilter.nf_conntrack_count = 410\nnet.netfilter.nf_conntrack_max = 131072\n`,
    ],
    [
      'a dated line and no number',
      'Thu Nov 26 10:00:00 UTC 2026\n[Thu Nov 26 09:59:58 2026] nf_conntrack: nf_conntrack: table full, dropping packet\n',
    ],
  ])('is not given to %s', (_, text) => {
    for (const { diagnosis } of diagnosedHosts(text)) expect(diagnosis.confidence).not.toBe('high');
  });
});
