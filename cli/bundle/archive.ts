import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { XzReadableStream } from 'xz-decompress';
import { InputError } from '../errors.ts';
import type { BundleReader } from './bundle-reader.ts';
import { BundleLimitReached } from './bundle-reader.ts';
import type { ArchiveSource } from './source.ts';
import { readTar } from './tar.ts';
import { readZip } from './zip.ts';

/** Bytes from the beginning that tell what a file is. */
const HEAD_BYTES = 512;

/** How a file begins that is no text: what can be read, and what is only known by name. */
type Form = 'gzip' | 'xz' | 'tar' | 'zip' | 'bzip2' | 'zstd' | '7z';

const MAGICS: readonly (readonly [Form, number, readonly number[]])[] = [
  ['gzip', 0, [0x1f, 0x8b]],
  ['xz', 0, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zip', 0, [0x50, 0x4b, 0x03, 0x04]],
  ['zip', 0, [0x50, 0x4b, 0x05, 0x06]],
  // `BZh` and the size of its blocks, 1 to 9.
  ...Array.from({ length: 9 }, (_, size) => ['bzip2', 0, [0x42, 0x5a, 0x68, 0x31 + size]] as const),
  ['zstd', 0, [0x28, 0xb5, 0x2f, 0xfd]],
  ['7z', 0, [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  // `ustar`, in every tar since 1988.
  ['tar', 257, [0x75, 0x73, 0x74, 0x61, 0x72]],
];

/** What a file is by how it begins; `undefined` for everything else. */
export function formOf(head: Buffer): Form | undefined {
  return MAGICS.find(([, at, magic]) => magic.every((byte, index) => head[at + index] === byte))?.[0];
}

/** The beginning of a stream, and the stream with it. */
async function peeked(
  bytes: AsyncIterable<Buffer>,
): Promise<readonly [head: Buffer, whole: AsyncIterable<Buffer>]> {
  const iterator = bytes[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  let size = 0;
  while (size < HEAD_BYTES) {
    const next = await iterator.next();
    if (next.done === true) break;
    first.push(Buffer.from(next.value));
    size += next.value.length;
  }
  async function* whole(): AsyncGenerator<Buffer> {
    try {
      yield* first;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
        yield Buffer.from(next.value);
    } finally {
      await iterator.return?.();
    }
  }
  return [Buffer.concat(first), whole()];
}

/**
 * Reads an archive, and the archives in it, as a stream: nothing is written anywhere.
 *
 * @param name of the archive, as people see it
 * @param archives in how many archives it lies itself
 * @throws InputError for what is no archive that can be read; BundleLimitReached where it goes above the limits
 */
export async function readArchive(
  reader: BundleReader,
  name: string,
  source: ArchiveSource,
  archives = 0,
): Promise<void> {
  const stream = 'file' in source ? createReadStream(source.file) : Readable.from(pieces(source.bytes));
  const [head, whole] = await peeked(stream);
  const form = formOf(head);
  const inner = async (path: string, bytes: Buffer) => {
    try {
      await readArchive(reader, path, { bytes }, archives + 1);
    } catch (error) {
      if (error instanceof BundleLimitReached) throw error;
      reader.note(`archives in it that can not be read, such as ${path}`);
    }
  };
  try {
    if (form === 'zip') {
      stream.destroy();
      return await readZip(reader, name, source, { archives: archives + 1, inner });
    }
    const plain =
      form === 'gzip'
        ? gunzip(whole)
        : form === 'xz'
          ? await unxz(whole)
          : form === 'tar'
            ? whole
            : undefined;
    if (plain === undefined) throw new InputError(unreadableForm(name, form));
    const [unpackedHead, unpacked] = form === 'tar' ? [head, plain] : await peeked(plain);
    const unpackedForm = formOf(unpackedHead);
    if (unpackedForm === 'tar')
      return await readTar(reader, name, counted(unpacked, reader), { archives: archives + 1, inner });
    if (unpackedForm !== undefined)
      throw new InputError(`${name} is packed twice; unpack it once and give what comes out.`);
    // A single text that was packed.
    await readSingle(reader, name, counted(unpacked, reader));
  } catch (error) {
    throw asInputError(name, error);
  } finally {
    stream.destroy();
  }
}

async function readSingle(reader: BundleReader, name: string, bytes: AsyncIterable<Buffer>): Promise<void> {
  const slash = name.lastIndexOf('/');
  const begun = reader.begin(
    slash === -1 ? name : name.slice(0, slash),
    name.slice(slash + 1).replace(/\.(?:gz|xz)$/i, ''),
    reader.limits.archives,
  );
  for await (const chunk of bytes) begun?.sink.write(chunk);
  begun?.sink.end();
}

/** What fails in it, also where the stream ends too early, is told to who reads what comes out. */
function gunzip(bytes: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const out = createGunzip();
  pipeline(Readable.from(bytes), out, () => undefined);
  return out;
}

/** Bytes of a piece: what is counted and held at once, as a file is read. */
const PIECE_BYTES = 65_536;

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) yield bytes.subarray(from, from + PIECE_BYTES);
}

/** The package is loaded where one is given: most runs read none. It is CommonJS, whose names stand below `default` or beside it. */
async function unxz(bytes: AsyncIterable<Buffer>): Promise<AsyncIterable<Buffer>> {
  const loaded: { readonly XzReadableStream: typeof XzReadableStream; readonly default?: typeof loaded } =
    await import('xz-decompress');
  const { XzReadableStream: Unxz } = loaded.default ?? loaded;
  return new Unxz(streamOf(bytes)) as unknown as AsyncIterable<Buffer>;
}

/** A web stream that ends quietly wherever its reader stops; Node's own of a stream fails after it was closed. */
function streamOf(bytes: AsyncIterable<Buffer>): ReadableStream<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await iterator.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

async function* counted(bytes: AsyncIterable<Buffer>, reader: BundleReader): AsyncGenerator<Buffer> {
  for await (const chunk of bytes) {
    reader.unpacked(chunk.length);
    yield Buffer.from(chunk);
  }
}

function unreadableForm(name: string, form: Form | undefined): string {
  if (form === undefined)
    return `${name} is binary and no archive; give text, a folder, or a .tar, .tar.gz, .tar.xz or .zip.`;
  return `${name} is packed with ${form}, which is not read here; ${unpackingOf(name, form)}.`;
}

/** The command that turns it into what is read here. A name that a shell would act on stands in no command. */
function unpackingOf(name: string, form: Form): string {
  const isPlain = /^[\w./@+-]{1,200}$/.test(name) && !name.startsWith('-');
  const file = isPlain ? name : 'FILE';
  const unpacked = file.replace(/\.(?:bz2?|zst|7z)$/i, '');
  const out = unpacked === file ? '' : `, ${unpacked}`;
  switch (form) {
    case 'bzip2':
      return `run \`bunzip2 -k ${file}\` and give what comes out${out}`;
    case 'zstd':
      return `run \`zstd -d ${file}\` and give what comes out${out}`;
    case '7z':
      return `run \`7z x ${file} -o${unpacked === file ? `${file}.d` : unpacked}\` and give the folder that comes out`;
    case 'gzip':
    case 'xz':
    case 'tar':
    case 'zip':
      return 'give the unpacked folder, or a .tar, .tar.gz, .tar.xz or .zip';
  }
}

function asInputError(name: string, error: unknown): unknown {
  if (error instanceof BundleLimitReached || error instanceof InputError || !(error instanceof Error))
    return error;
  return new InputError(
    `${name} can not be unpacked (${error.message.replace(/\.$/, '')}); it may have been cut short on its way, so fetch it once more or give its folder.`,
    { cause: error },
  );
}
