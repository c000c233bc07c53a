import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { limitConfiguration, type Wish } from '../../reboot/support/fake-kube-proxy.ts';
import type { Values } from './stand-in.ts';

const fileHere = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const MAX = '/proc/sys/net/netfilter/nf_conntrack_max';
const NEEDED = ['go', 'unshare', 'ip', 'mount'] as const;
const START_TIMEOUT_MS = 60_000;

/** One sentence on why kube-proxy can't be built and started here; nothing where it can. */
export function whyNoKubeProxy(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'kube-proxy is started in namespaces of its own, which needs Linux and root.';
  const missing = NEEDED.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
  if (missing.length > 0)
    return `kube-proxy is built and started with ${missing.join(', ')}: install it first.`;
  return existsSync(MAX) ? undefined : 'nf_conntrack is not loaded; run modprobe nf_conntrack first.';
}

/** Builds that version once and keeps it in the system's folder for temporary files. @returns the program */
export function builtKubeProxy(version: string): string {
  const folder = join(tmpdir(), `conntrack-medic-kube-proxy-${version}`);
  const program = join(folder, 'kube-proxy');
  if (!existsSync(program))
    execFileSync('sh', [fileHere('build.sh'), version, folder], { stdio: ['ignore', 'inherit', 'inherit'] });
  return program;
}

/** What kube-proxy itself leaves, started once with `--init-only` before files that stand for the kernel's values. */
export function kubeProxyLeaves(program: string, wish: Wish, before: Values): Values {
  const folder = mkdtempSync(join(tmpdir(), 'medic-kube-proxy-'));
  const [limit, hash, config] = ['limit', 'hash', 'config.conf'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  try {
    writeFileSync(limit, `${before.limit}\n`);
    writeFileSync(hash, `${before.hash}\n`);
    writeFileSync(config, limitConfiguration(wish));
    const { status, stdout, stderr } = spawnSync(
      'sh',
      [fileHere('sandbox.sh'), program, fileHere('api.mjs'), config, limit, hash],
      { encoding: 'utf8', timeout: START_TIMEOUT_MS },
    );
    if (status !== 0) throw new Error(`kube-proxy did not come to its end: ${stdout.slice(-2000)} ${stderr}`);
    const read = (path: string) => Number(readFileSync(path, 'utf8'));
    return { limit: read(limit), hash: read(hash) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
