import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sectionOf } from '../../../../../src/core/capture/capture.ts';
import { SETTLING_COMMAND } from '../../../../../src/core/diagnosis/single-reading/settle.ts';
import { pasteOf } from '../../../support/pastes.ts';

const isTracked = existsSync('/proc/net/stat/nf_conntrack');

describe('the command that settles what one sample leaves open', () => {
  it('is one line that sh understands', () => {
    expect(SETTLING_COMMAND).not.toContain('\n');
    expect(spawnSync('sh', ['-n', '-c', SETTLING_COMMAND]).status).toBe(0);
  });

  it.runIf(isTracked)('prints two samples that a paste of it is read as', () => {
    const command = SETTLING_COMMAND.replace(/^sudo /, '').replace('sleep 10', 'sleep 1');
    const { stdout } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
    const { capture } = pasteOf(`root@node:~# ${SETTLING_COMMAND}\n${stdout}`);
    expect(capture.clock).toMatchObject({
      windowSeconds: expect.any(Number),
      endUptimeSeconds: expect.any(Number),
    });
    for (const source of ['stat-nf_conntrack', 'sysctl', 'netstat', 'softnet_stat', 'arp_cache']) {
      expect([source, sectionOf(capture, source, 0)?.status, sectionOf(capture, source, 1)?.status]).toEqual([
        source,
        'ok',
        'ok',
      ]);
    }
  });
});
