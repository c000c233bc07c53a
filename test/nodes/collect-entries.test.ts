import { describe, expect, it } from 'vitest';
import { parseEntrySummary } from '../../src/core/parse/entries/summary.ts';
import { sectionsOf } from './support/collected.ts';
import { collectWithProc } from './support/covered-proc.ts';
import { has, hasNamespaces, SHELLS } from './support/shells.ts';

const tcp = (state: string, source: string, port: number, mark: string) =>
  `ipv4     2 tcp      6 400000 ${state} src=${source} dst=10.96.0.1 sport=${port} dport=80 ${mark}src=10.0.0.5 dst=10.0.0.1 sport=8080 dport=${port} mark=0 zone=0 use=2`;
const udp = (port: number) =>
  `ipv4     2 udp      17 ${port % 100} src=10.0.0.9 dst=10.96.0.10 sport=${port} dport=53 src=10.0.0.7 dst=10.0.0.9 sport=53 dport=${port} [ASSURED] mark=0 zone=0 use=2`;

const table = [
  ...Array.from({ length: 30 }, (_, index) =>
    tcp('SYN_SENT', `192.0.2.${index}`, 1024 + index, '[UNREPLIED] '),
  ),
  ...Array.from({ length: 20 }, (_, index) => tcp('ESTABLISHED', '10.0.0.9', 2048 + index, '')),
  ...Array.from({ length: 10 }, (_, index) => udp(40_110 + index)),
  'a line that is no entry',
];

const shells = SHELLS.filter(({ binary }) => has(binary));

describe.runIf(hasNamespaces()).each(shells)(
  'the sample of entries under $name',
  { concurrent: true },
  ({ command }) => {
    it('counts a small table whole and keeps the product readable', async () => {
      const { stdout } = await collectWithProc({
        shell: command,
        files: { 'net/nf_conntrack': `${table.join('\n')}\n` },
      });
      const section = sectionsOf(stdout).get('entries -');
      expect(section?.status).toBe('ok');
      const summary = parseEntrySummary(section?.lines.join('\n') ?? '');
      expect(summary).toMatchObject({
        isComplete: true,
        details: {
          looked: 60,
          halfOpen: { share: 0.5, busiestSource: 1 / 30, busiestDestination: 1 },
          translated: [
            { protocol: 'tcp', address: '10.0.0.1', remote: '10.0.0.5', remotePort: 8080, share: 50 / 60 },
          ],
          udpBackends: [
            { servicePort: 53, backend: '10.0.0.7', backendPort: 53, isAssured: true, remainingSeconds: 19 },
          ],
          ports: [
            { protocol: 'tcp', port: 80, share: 50 / 60, isLeast: false },
            { protocol: 'udp', port: 53, share: 10 / 60, isLeast: false },
          ],
          idle: { looked: 20, idle: 20 },
        },
      });
      expect(summary?.details.destinations[0]).toMatchObject({ address: '10.96.0.1', port: 80 });
    });

    it('looks at five thousand entries of a larger table, within its bound of characters', async () => {
      const many = Array.from({ length: 6_000 }, (_, index) =>
        tcp('TIME_WAIT', `2001:db8::${index.toString(16)}`, index, '[ASSURED] '),
      );
      const { stdout } = await collectWithProc({
        shell: command,
        files: { 'net/nf_conntrack': many.join('\n') },
      });
      const section = sectionsOf(stdout).get('entries -');
      const summary = parseEntrySummary(section?.lines.join('\n') ?? '');
      expect(summary).toMatchObject({ isComplete: false, details: { looked: 5_000 } });
      expect(section?.lines.join('\n').length).toBeLessThanOrEqual(3_000);
    });
  },
);
