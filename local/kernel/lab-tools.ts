import { command } from './command.ts';

/** How systems install packages: the command that tells whether it is there, and the one that installs. */
const MANAGERS = [
  { name: 'apt-get', install: 'apt-get update && apt-get install -y' },
  { name: 'dnf', install: 'dnf install -y' },
  { name: 'apk', install: 'apk add' },
] as const;
type Manager = (typeof MANAGERS)[number]['name'];

/** One tool that the kernel demo calls. */
interface Tool {
  readonly name: string;
  /** Asks for the version; the small ones of BusyBox, which lack what the demo needs, refuse it. */
  readonly version: string;
  readonly packages: Readonly<Record<Manager, string>>;
}

const everywhere = (name: string) => ({ 'apt-get': name, dnf: name, apk: name });
const UTIL_LINUX = everywhere('util-linux');

const TOOLS: readonly Tool[] = [
  { name: 'nft', version: '--version', packages: everywhere('nftables') },
  { name: 'ip', version: '-V', packages: { 'apt-get': 'iproute2', dnf: 'iproute', apk: 'iproute2' } },
  {
    name: 'conntrack',
    version: '--version',
    packages: { 'apt-get': 'conntrack', dnf: 'conntrack-tools', apk: 'conntrack-tools' },
  },
  {
    name: 'sysctl',
    version: '--version',
    packages: { 'apt-get': 'procps', dnf: 'procps-ng', apk: 'procps-ng' },
  },
  { name: 'flock', version: '--version', packages: UTIL_LINUX },
  { name: 'nsenter', version: '--version', packages: UTIL_LINUX },
  { name: 'unshare', version: '--version', packages: UTIL_LINUX },
  { name: 'mount', version: '--version', packages: { 'apt-get': 'mount', dnf: 'util-linux', apk: 'mount' } },
];

/**
 * Checks that every tool which the kernel demo calls is installed.
 * @throws Error naming all that are missing and the one command that installs them
 */
export async function checkTools(): Promise<void> {
  const found = await Promise.all(TOOLS.map(({ name, version }) => runs(name, version)));
  const missing = TOOLS.filter((_tool, index) => found[index] !== true);
  if (missing.length === 0) return;
  const managers = await Promise.all(MANAGERS.map(({ name }) => runs(name, '--version')));
  const manager = MANAGERS.find((_manager, index) => managers[index]) ?? MANAGERS[0];
  const packages = [...new Set(missing.map((tool) => tool.packages[manager.name]))];
  const names = missing.map(({ name }) => name);
  throw new Error(
    `The kernel demo needs ${list(names)}, which ${names.length === 1 ? 'is' : 'are'} not installed; install ${names.length === 1 ? 'it' : 'them'} with: ${manager.install} ${packages.join(' ')}`,
  );
}

async function runs(name: string, version: string): Promise<boolean> {
  return await command(name, [version]).then(
    () => true,
    () => false,
  );
}

function list(names: readonly string[]): string {
  return names.length === 1 ? `${names[0]}` : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
