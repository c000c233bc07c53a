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

/** A kernel and a root file system that qemu boots. */
export interface GuestImage {
  readonly kernel: string;
  readonly disk: string;
  /** As the Debian package names it: `6.1.0-41-cloud-amd64`. */
  readonly kernelVersion: string;
}

const PACKAGES = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'udev',
  'kmod',
  'procps',
  'iproute2',
  'nftables',
  'conntrack',
];
/** Netfilter and what it needs; the rest of the module tree would make the image five times as large. */
const MODULES = ['kernel/net', 'kernel/lib', 'kernel/crypto', 'kernel/drivers/net/veth.ko'];
const DISK_MIB = 1024;

/** The command channel: a root shell on the second serial port that announces each boot by its id. */
const SHELL = `#!/bin/bash
stty raw -echo
echo "@@BOOT $(cat /proc/sys/kernel/random/boot_id)"
exec bash --noprofile --norc 2>/dev/null
`;

const SHELL_UNIT = `[Unit]
Description=Command channel of the reboot tests
After=systemd-sysctl.service
[Service]
ExecStart=/bin/bash /usr/local/sbin/command-channel
Environment=HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin LC_ALL=C
StandardInput=tty
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS1
IgnoreSIGPIPE=no
TimeoutStopSec=3
Restart=always
[Install]
WantedBy=multi-user.target
`;

/** Left out of a guest that lives for minutes: login prompts and housekeeping. */
const MASKED = [
  'getty@tty1.service',
  'serial-getty@ttyS0.service',
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'fstrim.timer',
];

/**
 * The image of the guest, built from Debian packages once a kernel version and kept among the machine's temporary files.
 * @throws Error when a package can not be had
 */
export function guestImage(): GuestImage {
  const kernelPackage = newestKernelPackage();
  const kernelVersion = kernelPackage.replace('linux-image-', '');
  const recipe = [kernelPackage, PACKAGES, MODULES, SHELL, SHELL_UNIT, MASKED, DISK_MIB];
  const key = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `conntrack-medic-guest-${key}`);
  const image = { kernel: join(folder, 'vmlinuz'), disk: join(folder, 'disk.img'), kernelVersion };
  if (!existsSync(folder)) {
    const work = mkdtempSync(join(tmpdir(), 'conntrack-medic-guest-build-'));
    try {
      build(work, kernelPackage);
      renameSync(join(work, 'image'), folder);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  return image;
}

function build(work: string, kernelPackage: string): void {
  const folder = (name: string) => {
    mkdirSync(join(work, name), { recursive: true, mode: 0o755 });
    return join(work, name);
  };
  const [root, downloads, unpacked, image] = ['root', 'deb', 'kernel', 'image'].map(folder) as [
    string,
    string,
    string,
    string,
  ];
  run('debootstrap', '--variant=minbase', `--include=${PACKAGES.join()}`, debianRelease(), root, mirror());
  execFileSync('apt-get', ['-q', 'download', kernelPackage], { cwd: downloads, stdio: 'pipe' });
  for (const file of readdirSync(downloads)) run('dpkg-deb', '-x', join(downloads, file), unpacked);
  const version = kernelPackage.replace('linux-image-', '');
  copyFileSync(join(unpacked, 'boot', `vmlinuz-${version}`), join(image, 'vmlinuz'));
  copyModules(join(unpacked, 'lib/modules', version), join(root, 'usr/lib/modules', version));
  run('chroot', root, 'depmod', version);
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  put('etc/fstab', '/dev/nvme0n1 / ext4 defaults 0 1\n');
  put('etc/hostname', 'guest\n');
  put('etc/hosts', '127.0.0.1 localhost guest\n');
  put('usr/local/sbin/command-channel', SHELL);
  put('etc/systemd/system/command-channel.service', SHELL_UNIT);
  run('chroot', root, 'systemctl', '-q', 'enable', 'command-channel.service');
  run('chroot', root, 'systemctl', '-q', 'mask', ...MASKED);
  for (const path of ['var/cache/apt/archives', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/locale'])
    rmSync(join(root, path), { recursive: true, force: true });
  run('mkfs.ext4', '-q', '-d', root, '-L', 'root', join(image, 'disk.img'), `${DISK_MIB}M`);
}

function copyModules(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  const there = MODULES.filter((path) => existsSync(join(from, path)));
  const lists = readdirSync(from).filter((file) => file.startsWith('modules.'));
  execFileSync('cp', ['-a', '--parents', ...there, ...lists, to], { cwd: from, stdio: 'pipe' });
}

function run(command: string, ...parameters: string[]): string {
  const PATH = `${process.env['PATH']}:/usr/sbin:/sbin`;
  return execFileSync(command, parameters, {
    encoding: 'utf8',
    stdio: 'pipe',
    env: { ...process.env, PATH },
  });
}

/** The meta package depends on the kernel of the current binary interface. */
function newestKernelPackage(): string {
  const text = run('apt-cache', 'depends', 'linux-image-cloud-amd64');
  const name = /Depends: (linux-image-\S+)/.exec(text)?.[1];
  if (name === undefined) throw new Error('apt knows no linux-image-cloud-amd64; run apt-get update.');
  return name;
}

function debianRelease(): string {
  const text = readFileSync('/etc/os-release', 'utf8');
  return /^VERSION_CODENAME=(\w+)$/m.exec(text)?.[1] ?? 'stable';
}

/** The first Debian mirror that apt is configured with here. */
function mirror(): string {
  const parts = '/etc/apt/sources.list.d';
  const files = [
    '/etc/apt/sources.list',
    ...(existsSync(parts) ? readdirSync(parts).map((file) => join(parts, file)) : []),
  ];
  for (const file of files.filter((path) => /\.(?:list|sources)$/.test(path) && existsSync(path))) {
    const line = /^(?:URIs:\s*|deb\s+(?:\[[^\]]*\]\s+)?)(https?:\/\/\S+\/debian\/?)(?=\s|$)/m;
    const found = line.exec(readFileSync(file, 'utf8'))?.[1];
    if (found !== undefined) return found;
  }
  throw new Error('No Debian mirror is in the sources of apt on this machine.');
}
