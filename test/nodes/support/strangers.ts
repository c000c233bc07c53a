import { rename, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { run } from './shells.ts';
import { temporaryDirectory } from './temporary.ts';

/** What may stand where a file of settings is expected. Each is made at a path of the machine. */
export const STRANGERS: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  'a pipe that nobody writes to': (path) => run(['mkfifo', path]),
  'a link to a device without end': (path) => symlink('/dev/zero', path),
  'a file of 64 GiB without a line': async (path) => {
    await writeFile(path, 'net.netfilter.nf_conntrack_max = 7\n');
    await truncate(path, 64 * 2 ** 30);
  },
  'a socket': async (path) => {
    // The name of a socket is short by its nature; it may be moved to a longer one.
    const short = join(await temporaryDirectory(), 's');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(short, resolve));
    await rename(short, path);
    server.unref();
  },
};
