import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sectionOf } from '../../../../../src/core/capture/capture.ts';
import { NEXT_COMMAND } from '../../../../../src/core/diagnosis/single-reading/next-command.ts';
import { pasteOf } from '../../../support/pastes.ts';

const isTracked = existsSync('/proc/net/stat/nf_conntrack');

describe('the command to run next where one sample leaves the question open', () => {
  it('is one line that sh understands', () => {
    expect(NEXT_COMMAND).not.toContain('\n');
    expect(spawnSync('sh', ['-n', '-c', NEXT_COMMAND]).status).toBe(0);
  });

  it.runIf(isTracked)('prints two samples that a paste of it is read as', () => {
    const command = NEXT_COMMAND.replace(/^sudo /, '').replace('sleep 10', 'sleep 1');
    const { stdout } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
    const { capture } = pasteOf(`root@node:~# ${NEXT_COMMAND}\n${stdout}`);
    expect(capture.clock).toMatchObject({
      windowSeconds: expect.any(Number),
      endUptimeSeconds: expect.any(Number),
    });
    // The kernel shows the neighbour table's counters in its initial network namespace only, not in a container.
    const neighbours = existsSync('/proc/net/stat/arp_cache') ? (['arp_cache'] as const) : [];
    for (const source of ['stat-nf_conntrack', 'sysctl', 'netstat', 'softnet_stat', ...neighbours] as const) {
      expect([source, sectionOf(capture, source, 0)?.status, sectionOf(capture, source, 1)?.status]).toEqual([
        source,
        'ok',
        'ok',
      ]);
    }
  });
});
