import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Everything on this machine that a kernel demo could leave changed, as comparable text. */
export function machineState(): Record<string, string> {
  const read = (name: string) => readFileSync(`/proc/sys/net/${name}`, 'utf8').trim();
  const say = (file: string, ...args: string[]) => execFileSync(file, args, { encoding: 'utf8' });
  return {
    max: read('netfilter/nf_conntrack_max'),
    buckets: read('netfilter/nf_conntrack_buckets'),
    timeWait: read('netfilter/nf_conntrack_tcp_timeout_time_wait'),
    forwarding: read('ipv4/ip_forward'),
    reversePath: `${read('ipv4/conf/all/rp_filter')} ${read('ipv4/conf/default/rp_filter')}`,
    rules: say('nft', 'list', 'ruleset'),
    namespaces: say('ip', 'netns', 'list'),
    interfaces: say('ip', '-o', '-br', 'link').replaceAll(/\s+/g, ' '),
    run: readdirSync('/run')
      .filter((name) => name.includes('conntrack-medic'))
      .join(' '),
    varLib: readdirSync('/var/lib').join(' '),
    etc: fingerprint('/etc'),
    // A process of the lab in another session would outlive this test run unseen.
    processes: readdirSync('/proc')
      .filter((pid) => /^\d+$/.test(pid) && commandLine(pid).includes('local/kernel/processes'))
      .join(' '),
  };
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function fingerprint(folder: string): string {
  const hash = createHash('sha256');
  const visit = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const file = join(path, entry.name);
      hash.update(`${file}\0`);
      if (entry.isDirectory()) visit(file);
      else if (entry.isSymbolicLink()) hash.update(readlinkSync(file));
      else if (entry.isFile()) hash.update(readFileSync(file));
    }
  };
  visit(folder);
  return hash.digest('hex');
}
