import { deflateRawSync } from 'node:zlib';
import { Header, type HeaderData } from 'tar';

/** An entry of an archive that a test makes. */
export interface Packed {
  readonly path: string;
  readonly body?: string | Buffer;
  /** What it is, where it is no file. */
  readonly type?: NonNullable<HeaderData['type']>;
  readonly linkpath?: string;
  /** Size in its header, where that is another one than it has. */
  readonly size?: number;
  /** Mode in a zip, such as that of a link. */
  readonly mode?: number;
}

const BLOCK = 512;

/** A tar archive, with whatever names and types are given. */
export function tarOf(entries: readonly Packed[]): Buffer {
  const blocks = entries.flatMap(({ path, body = '', type = 'File', linkpath, size }) => {
    const bytes = Buffer.from(body);
    const header = Buffer.alloc(BLOCK);
    new Header({
      path,
      type,
      mode: 0o644,
      size: size ?? bytes.length,
      mtime: new Date(1_796_000_000_000),
      ...(linkpath !== undefined && { linkpath }),
    }).encode(header);
    return [header, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

function crc32(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (TABLE[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/** A zip archive (PKWARE's application note), each entry deflated. */
export function zipOf(entries: readonly Packed[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { path, body = '', mode = 0o100644, size } of entries) {
    const bytes = Buffer.from(body);
    const packed = deflateRawSync(bytes);
    const name = Buffer.from(path);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(size ?? bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, packed]);
    const entry = Buffer.alloc(46);
    entry.write('PK\x01\x02', 0, 'latin1');
    entry.writeUInt16LE((3 << 8) | 20, 4);
    common.copy(entry, 6);
    entry.writeUInt32LE((mode << 16) >>> 0, 38);
    entry.writeUInt32LE(at, 42);
    locals.push(local);
    directory.push(entry, name);
    at += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, central, end]);
}

const CHUNK = 65_536;

/** An xz file (the format's specification) of stored chunks: as large as its content, and every reader takes it. */
export function xzOf(content: Buffer): Buffer {
  const flags = Buffer.from([0, 1]);
  const header = Buffer.concat([Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), flags, le32(crc32(flags))]);
  const blockHead = Buffer.from([2, 0, 0x21, 1, 0x16, 0, 0, 0]);
  const chunks: Buffer[] = [];
  for (let from = 0; from < content.length; from += CHUNK) {
    const part = content.subarray(from, from + CHUNK);
    chunks.push(Buffer.from([from === 0 ? 1 : 2, (part.length - 1) >> 8, (part.length - 1) & 0xff]), part);
  }
  const data = Buffer.concat([...chunks, Buffer.from([0])]);
  const block = Buffer.concat([blockHead, le32(crc32(blockHead)), data]);
  const check = le32(crc32(content));
  const unpadded = block.length + check.length;
  const index = padded(Buffer.concat([Buffer.from([0, 1]), varint(unpadded), varint(content.length)]));
  const footer = Buffer.concat([le32((index.length + 4) / 4 - 1), flags]);
  return Buffer.concat([
    header,
    padded(block),
    check,
    index,
    le32(crc32(index)),
    le32(crc32(footer)),
    footer,
    Buffer.from('YZ'),
  ]);
}

function le32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}
