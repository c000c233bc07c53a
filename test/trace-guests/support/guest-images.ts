import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { KernelPackages, SERIES, type Series } from './kernels.ts';

/** A kernel and a root file system that qemu boots. */
export interface GuestImage {
  readonly kernel: string;
  readonly disk: string;
}

/** What a node has of tools, as far as a trace and its faults need them. */
const PACKAGES = ['conntrack', 'iproute2', 'iptables', 'kmod', 'nftables', 'procps', 'python3', 'tcpdump'];
/** Netfilter, queueing and what they need; the rest of the module trees would make the image many times as large. */
const MODULES = ['kernel/net', 'kernel/lib', 'kernel/crypto', 'kernel/drivers/net/veth.ko*'];
const DISK_MIB = 1024;
const RELEASE = 'bookworm';
/** Files that the guests have in /opt. */
const FILES = ['client.py', 'server.py'];

/** The first process: what a node has mounted, and a root shell on the second serial port that says when it is there. */
const INIT = `#!/bin/bash
export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin LC_ALL=C
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mount -t tracefs tracefs /sys/kernel/tracing
ip link set lo up
setsid bash -c 'stty raw -echo
echo @@BOOT
exec bash --noprofile --norc 2>/dev/null' <>/dev/ttyS1 >&0 2>&1
echo b >/proc/sysrq-trigger
`;

/** One disk, and a kernel for each series with which it boots. */
export interface GuestImages {
  of(series: Series['series']): GuestImage;
}

/**
 * The image of the guests, built from Debian packages and kept among the machine's temporary files until the recipe is another.
 * @throws Error when a package can not be had
 */
export function guestImages(): GuestImages {
  const files = FILES.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'));
  const recipe = [SERIES, PACKAGES, MODULES, INIT, RELEASE, DISK_MIB, files];
  const key = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `conntrack-medic-trace-guests-${key}`);
  if (!existsSync(folder)) {
    const work = mkdtempSync(join(tmpdir(), 'conntrack-medic-trace-guests-build-'));
    try {
      build(work);
      renameSync(join(work, 'image'), folder);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  return {
    of: (series) => ({
      kernel: join(folder, `vmlinuz-${series}`),
      disk: join(folder, 'disk.img'),
    }),
  };
}

function build(work: string): void {
  const folder = (name: string): string => {
    mkdirSync(join(work, name), { recursive: true, mode: 0o755 });
    return join(work, name);
  };
  const [root, image] = [folder('root'), folder('image')];
  const packages = new KernelPackages(folder('apt'));
  run('debootstrap', '--variant=minbase', `--include=${PACKAGES.join()}`, RELEASE, root, packages.mirror);
  for (const series of SERIES) {
    const version = packages.newest(series);
    const downloads = folder(`deb-${series.series}`);
    packages.download(version, downloads);
    for (const file of readdirSync(downloads).filter((name) => name.endsWith('.deb')))
      run('dpkg-deb', '-x', join(downloads, file), downloads);
    const tree = firstOf(['lib', 'usr/lib'].map((lib) => join(downloads, lib, 'modules', version)));
    const kernel = firstOf([join(downloads, 'boot', `vmlinuz-${version}`), join(tree, 'vmlinuz')]);
    copyFileSync(kernel, join(image, `vmlinuz-${series.series}`));
    copyModules(tree, join(root, 'usr/lib/modules', version));
    run('chroot', root, 'depmod', version);
  }
  const put = (path: string, text: string, mode: number) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text, { mode });
  };
  put('sbin/init', INIT, 0o755);
  for (const name of FILES) put(`opt/${name}`, readFileSync(join(import.meta.dirname, name), 'utf8'), 0o644);
  for (const path of ['var/cache/apt/archives', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/locale'])
    rmSync(join(root, path), { recursive: true, force: true });
  run('mkfs.ext4', '-q', '-d', root, '-L', 'root', join(image, 'disk.img'), `${DISK_MIB}M`);
}

/** @throws Error where none of the paths is there: packages of a kernel have another form than those before */
function firstOf(paths: readonly string[]): string {
  const path = paths.find(existsSync);
  if (path === undefined) throw new Error(`None of ${paths.join(', ')} is in the packages of this kernel.`);
  return path;
}

function copyModules(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  run('sh', '-c', `cd "$1" && cp -a --parents ${MODULES.join(' ')} modules.* "$2"`, 'sh', from, to);
}

function run(command: string, ...parameters: string[]): string {
  const PATH = `${process.env['PATH']}:/usr/sbin:/sbin`;
  return execFileSync(command, parameters, {
    encoding: 'utf8',
    stdio: 'pipe',
    env: { ...process.env, PATH },
  });
}
