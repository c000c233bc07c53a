import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LabProcess, startProcess } from './lab-process.ts';
import { LAB_DIRECTORY } from './lab-state.ts';

/**
 * Folders that a node's scripts may write to; each gets a private layer in memory over the machine's own. /run is last,
 * because covering it hides the path under which the layers are mounted.
 */
const PRIVATE_FOLDERS = ['etc', 'var/lib', 'var/log', 'var/tmp', 'tmp', 'run'];

/** Where the SSM agent puts the scripts it runs, seen from the node. */
const SCRIPT_FOLDER = '/var/lib/amazon/ssm/medic';

/** The node's own view of the file system: it reads this machine's files, and keeps what it writes to itself. */
export interface NodeRoot {
  /** Target of /proc/PID/ns/mnt. */
  readonly mountNamespace: string;
  /**
   * Files that scripts wrote or removed on the node, as absolute paths on it; content undefined if removed. The scripts
   * themselves are put there by the demo and are not among them: one may run at any time.
   */
  changedFiles(): { path: string; content: Buffer | undefined }[];
  /** Puts a script where the agent would put it and returns the command line that runs it on the node. */
  scriptCommand(
    name: string,
    script: string,
  ): Promise<{ commandLine: string[]; remove: () => Promise<void> }>;
  end(): Promise<void>;
}

/**
 * Makes a mount namespace with an overlay over each writable folder, kept alive by one process that ends with this one.
 * Persistence files are real in it, and nothing of them is left on the machine.
 * @throws Error when the kernel has no overlay file system
 */
export async function openNodeRoot(): Promise<NodeRoot> {
  const layers = join(LAB_DIRECTORY, 'node');
  await mkdir(layers, { recursive: true, mode: 0o700 });
  // Descriptor 3 keeps the layers reachable from outside after /run itself has been covered.
  const script = [
    'set -e',
    `mount -t tmpfs -o mode=0755 medic-node ${layers}`,
    `exec 3<${layers}`,
    ...PRIVATE_FOLDERS.flatMap((folder) => {
      const layer = join(layers, folder);
      return [
        `mkdir -p ${layer}/upper ${layer}/work`,
        `chmod "$(stat -c %a /${folder})" ${layer}/upper`,
        `mount -t overlay medic-node -o lowerdir=/${folder},upperdir=${layer}/upper,workdir=${layer}/work /${folder}`,
      ];
    }),
    'echo ready',
    'exec cat >/dev/null',
  ].join('\n');
  const holder = await startProcess(['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script]);
  return nodeRootOf(holder);
}

function nodeRootOf(holder: LabProcess): NodeRoot {
  const proc = `/proc/${holder.child.pid}`;
  return {
    mountNamespace: readlinkSync(`${proc}/ns/mnt`),
    changedFiles: () =>
      PRIVATE_FOLDERS.flatMap((folder) => filesBelow(`${proc}/fd/3/${folder}/upper`, `/${folder}`)),
    scriptCommand: async (name, script) => {
      const file = `${SCRIPT_FOLDER}/${name}/_script.sh`;
      const outside = `${proc}/root${file}`;
      await mkdir(join(outside, '..'), { recursive: true });
      await writeFile(outside, script);
      await chmod(outside, 0o700);
      return {
        commandLine: ['nsenter', `--mount=${proc}/ns/mnt`, 'sh', '-c', file],
        remove: () => rm(join(outside, '..'), { recursive: true, force: true }),
      };
    },
    end: async () => {
      await holder.end();
    },
  };
}

/**
 * The files of a layer as {@link NodeRoot.changedFiles} tells them. What goes while it is read was there for a moment only.
 * @param shownAs where the node sees the folder
 */
export function filesBelow(folder: string, shownAs: string): { path: string; content: Buffer | undefined }[] {
  if (shownAs === SCRIPT_FOLDER) return [];
  return (unlessGone(() => readdirSync(folder, { withFileTypes: true })) ?? []).flatMap((entry) => {
    const path = join(folder, entry.name);
    const shown = join(shownAs, entry.name);
    if (entry.isDirectory()) return filesBelow(path, shown);
    // The overlay notes a removed file as a character device.
    if (entry.isCharacterDevice()) return [{ path: shown, content: undefined }];
    if (!entry.isFile()) return [];
    const content = unlessGone(() => (statSync(path).size < 1 << 20 ? readFileSync(path) : undefined));
    return content === undefined ? [] : [{ path: shown, content }];
  });
}

function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
