import { constants, type Stats } from 'node:fs';
import { lstat, open, opendir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readArchive } from './archive.ts';
import { BundleLimitReached, type BundleReader } from './bundle-reader.ts';

/** A pipe must not hold the reader, and a link must not lead it elsewhere between being seen and being opened. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Reads an unpacked folder as an archive is read: no links, no devices, no pipes, within the same bounds. */
export async function readBundleFolder(reader: BundleReader, folder: string): Promise<void> {
  const name = basename(folder);
  const visit = async (below: string): Promise<void> => {
    const names: string[] = [];
    for await (const { name: one } of await opendir(join(folder, below))) {
      reader.entry();
      names.push(one);
    }
    for (const one of names.toSorted()) {
      const path = below === '' ? one : `${below}/${one}`;
      const stats = await lstat(join(folder, path));
      if (stats.isDirectory()) {
        if (path.split('/').length < reader.limits.depth) await visit(path);
        else reader.note('folders that lie too deep');
      } else await readFile(path, stats);
    }
  };
  const readFile = async (path: string, stats: Stats): Promise<void> => {
    if (!stats.isFile()) return reader.note('links, devices and pipes, which are never followed');
    const begun = reader.begin(name, path, 0);
    if (begun === undefined) return;
    const handle = await open(join(folder, path), OPEN_FLAGS).catch(() => undefined);
    if (handle === undefined) return reader.note(`files that can not be opened, such as ${path}`);
    try {
      if (!(await handle.stat()).isFile())
        return reader.note('links, devices and pipes, which are never followed');
      for await (const chunk of handle.createReadStream({ autoClose: false })) {
        reader.unpacked(chunk.length);
        begun.sink.write(Buffer.from(chunk));
      }
    } finally {
      await handle.close();
    }
    const packed = begun.sink.end();
    if (packed === undefined) return;
    try {
      await readArchive(reader, begun.path, { bytes: packed });
    } catch (error) {
      if (error instanceof BundleLimitReached) throw error;
      reader.note(`archives in it that can not be read, such as ${path}`);
    }
  };
  await visit('');
}
