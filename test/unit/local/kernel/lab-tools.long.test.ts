import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkTools } from '../../../../local/kernel/lab-tools.ts';

const ALL = ['nft', 'ip', 'conntrack', 'sysctl', 'flock', 'nsenter', 'unshare', 'mount'];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'medic-tools-'));
  vi.stubEnv('PATH', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** A machine on which these commands exist and nothing else does. */
function machineWith(...commands: readonly string[]): void {
  for (const name of commands) writeFileSync(join(folder, name), '#!/bin/sh\n', { mode: 0o755 });
}

describe('the tools of the kernel demo', () => {
  it('are enough when all are there', async () => {
    machineWith(...ALL);
    await expect(checkTools()).resolves.toBeUndefined();
  });

  it('are all named at once, with one command that installs them', async () => {
    machineWith('apt-get', 'mount', 'flock');
    await expect(checkTools()).rejects.toThrow(
      /^The kernel demo needs nft, ip, conntrack, sysctl, nsenter and unshare, which are not installed; install them with: apt-get update && apt-get install -y nftables iproute2 conntrack procps util-linux$/,
    );
  });

  it('have the names of this system’s packages', async () => {
    machineWith('dnf', ...ALL.filter((name) => name !== 'ip' && name !== 'conntrack'));
    await expect(checkTools()).rejects.toThrow(
      /needs ip and conntrack, .* dnf install -y iproute conntrack-tools$/,
    );
  });

  it.each(ALL)('include %s', async (name) => {
    machineWith('apt-get', ...ALL.filter((other) => other !== name));
    await expect(checkTools()).rejects.toThrow(`The kernel demo needs ${name}, which is not installed`);
  });

  it('do not include a small one of BusyBox that knows no version', async () => {
    machineWith('apk', ...ALL);
    writeFileSync(join(folder, 'ip'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    await expect(checkTools()).rejects.toThrow(/needs ip, .* apk add iproute2$/);
  });
});
