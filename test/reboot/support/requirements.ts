import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What building and running a guest needs on this machine. */
const COMMANDS = [
  'qemu-system-x86_64',
  'debootstrap',
  'mkfs.ext4',
  'dpkg-deb',
  'apt-get',
  'setpriv',
] as const;

/** One line on why no guest can run here; undefined when one can. */
export function whyNoGuest(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return 'Reboot tests are skipped: they need Linux on x86-64.';
  if (process.getuid?.() !== 0) return 'Reboot tests are skipped: building a guest needs root.';
  const missing = COMMANDS.filter((command) => !isThere(command));
  return missing.length === 0
    ? undefined
    : `Reboot tests are skipped: ${missing.join(', ')} not installed (Debian: qemu-system-x86 debootstrap e2fsprogs).`;
}

function isThere(command: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
