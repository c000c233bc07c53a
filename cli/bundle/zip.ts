import { fromBufferPromise, openPromise } from 'yauzl';
import type { BundleReader } from './bundle-reader.ts';
import type { ArchiveSource, Depth } from './source.ts';

/** Names are taken as bytes and judged here, in one way for every kind of archive. */
const OPTIONS = { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: true };

/** The kind of a file in the upper half of an entry's external attributes, where it was packed on Unix (stat.h). */
const KIND_MASK = 0o170_000;
const REGULAR = 0o100_000;
const FOLDER = 0o040_000;
const UNIX = 3;

/** Reads a zip archive, entry by entry, by the directory at its end. */
export async function readZip(
  reader: BundleReader,
  name: string,
  source: ArchiveSource,
  { archives, inner }: Depth,
): Promise<void> {
  const zip = await ('file' in source
    ? openPromise(source.file, OPTIONS)
    : fromBufferPromise(source.bytes, OPTIONS));
  try {
    for await (const entry of zip.eachEntry()) {
      reader.entry();
      const path = entry.fileNameRaw.toString();
      const kind = entry.versionMadeBy >> 8 === UNIX ? (entry.externalFileAttributes >>> 16) & KIND_MASK : 0;
      if (path.endsWith('/') || kind === FOLDER) continue;
      if (kind !== 0 && kind !== REGULAR) {
        reader.note('links, devices and pipes, which are never followed');
        continue;
      }
      if (entry.isEncrypted()) {
        reader.note('files that need a password');
        continue;
      }
      const begun = reader.begin(name, path, archives);
      if (begun === undefined) continue;
      for await (const chunk of await zip.openReadStreamPromise(entry)) {
        reader.unpacked(chunk.length);
        begun.sink.write(Buffer.from(chunk));
      }
      const packed = begun.sink.end();
      if (packed !== undefined) await inner(begun.path, packed);
    }
  } finally {
    zip.close();
  }
}
