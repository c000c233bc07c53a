import { Parser, type ReadEntry } from 'tar';
import type { BundleReader, Sink } from './bundle-reader.ts';
import type { Depth } from './source.ts';

/** Entries that are a file with its bytes; links, devices and pipes are none, and nothing is ever opened by their names. */
const FILES: ReadonlySet<string> = new Set(['File', 'OldFile', 'ContiguousFile']);

/** Reads a tar archive that is unpacked already, entry by entry. */
export async function readTar(
  reader: BundleReader,
  name: string,
  bytes: AsyncIterable<Buffer>,
  { archives, inner }: Depth,
): Promise<void> {
  const waiting: (readonly [path: string, bytes: Buffer])[] = [];
  let failed: unknown;
  let open: { readonly path: string; readonly sink: Sink } | undefined;
  const guarded = (work: () => void) => {
    try {
      if (failed === undefined) work();
    } catch (error) {
      failed = error;
    }
  };
  const parser = new Parser({
    // It would unpack by itself, without our bounds; what comes here is plain.
    maxDecompressionRatio: 1,
    onReadEntry: (entry: ReadEntry) => {
      guarded(() => reader.entry());
      if (!FILES.has(entry.type)) {
        if (entry.type !== 'Directory' && entry.type !== 'GNUDumpDir')
          reader.note('links, devices and pipes, which are never followed');
        entry.resume();
        return;
      }
      guarded(() => {
        open = failed === undefined ? reader.begin(name, entry.path, archives) : undefined;
      });
      const mine = open;
      open = undefined;
      entry.on('data', (chunk: Buffer) => guarded(() => mine?.sink.write(chunk)));
      entry.on('end', () =>
        guarded(() => {
          const packed = mine?.sink.end();
          if (packed !== undefined && mine !== undefined) waiting.push([mine.path, packed]);
        }),
      );
    },
  });
  parser.on('warn', (code: string) => {
    if (code === 'TAR_ENTRY_INVALID') reader.note('entries that are no valid tar');
    else if (code === 'TAR_BAD_ARCHIVE') reader.note('an end that is cut off');
  });
  for await (const chunk of bytes) {
    parser.write(chunk);
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await inner(...next);
    if (failed !== undefined) throw failed;
  }
  parser.end();
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await inner(...next);
  if (failed !== undefined) throw failed;
}
