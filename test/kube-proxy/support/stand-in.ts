import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LIMIT_SCRIPT, limitConfiguration, type Wish } from '../../reboot/support/fake-kube-proxy.ts';

/** The two values of the kernel that kube-proxy sets together. */
export interface Values {
  /** nf_conntrack_max. */
  readonly limit: number;
  /** Buckets. */
  readonly hash: number;
}

/** What the stand-in of the reboot tests leaves, started once beside files that hold the values. */
export function standInLeaves(version: string, wish: Wish, cores: number, before: Values): Values {
  const root = mkdtempSync(join(tmpdir(), 'medic-kube-proxy-'));
  try {
    const files = {
      limit: join(root, 'proc/sys/net/netfilter/nf_conntrack_max'),
      hash: join(root, 'sys/module/nf_conntrack/parameters/hashsize'),
    };
    for (const key of ['limit', 'hash'] as const) {
      mkdirSync(dirname(files[key]), { recursive: true });
      writeFileSync(files[key], `${before[key]}\n`);
    }
    const config = join(root, 'config.conf');
    writeFileSync(config, limitConfiguration(wish));
    execFileSync('sh', [LIMIT_SCRIPT, version, config], {
      env: { ...process.env, ROOT: root, CORES: String(cores) },
    });
    const read = (path: string) => Number(readFileSync(path, 'utf8'));
    return { limit: read(files.limit), hash: read(files.hash) };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
