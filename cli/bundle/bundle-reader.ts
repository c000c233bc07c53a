import type { BundleFile } from '../../src/core/bundle/evidence.ts';
import { isLoose, placeOf } from '../../src/core/bundle/place.ts';
import { KeptText } from './kept-text.ts';
import { type BundleLimits, safePath } from './limits.ts';

/** A bundle goes above what is read of one; what was read before that stays. */
export class BundleLimitReached extends Error {
  override readonly name = 'BundleLimitReached';
}

/** Takes one entry's bytes. */
export interface Sink {
  readonly write: (chunk: Buffer) => void;
  /** Bytes of an archive within the archive, to be read as one; nothing for a file. */
  readonly end: () => Buffer | undefined;
}

/** Names of archives that may lie within another one. */
const ARCHIVE_NAME = /\.(?:tar|tgz|txz|tar\.gz|tar\.xz|zip)$/i;

/** How a single file ends that is packed by itself. */
const PACKED_NAME = /\.(?:gz|xz)$/i;

/** What of a bundle was kept, and what was not read and why. */
export class BundleReader {
  readonly limits: BundleLimits;
  readonly #files = new Map<string, BundleFile>();
  /** Why something was not read, with how many times. */
  readonly notes = new Map<string, number>();
  #entries = 0;
  #unpacked = 0;
  #kept = 0;
  #lines = 0;
  #others = 0;

  constructor(limits: BundleLimits) {
    this.limits = limits;
  }

  /** What was kept; of two entries of one name the later counts, as it would on disk. */
  get files(): readonly BundleFile[] {
    return [...this.#files.values()];
  }

  /** Files that were seen and that nothing here asks for. */
  get others(): number {
    return this.#others;
  }

  note(why: string): void {
    this.notes.set(why, (this.notes.get(why) ?? 0) + 1);
  }

  /** Counts bytes that were unpacked, whether or not they are looked at. */
  unpacked(bytes: number): void {
    this.#unpacked += bytes;
    if (this.#unpacked > this.limits.unpackedBytes)
      throw new BundleLimitReached(
        `it is larger than ${mib(this.limits.unpackedBytes)} MiB when it is unpacked; what comes after that was not read`,
      );
  }

  /** Counts an entry of any kind. */
  entry(): void {
    this.#entries += 1;
    if (this.#entries > this.limits.entries)
      throw new BundleLimitReached(
        `it has more than ${this.limits.entries} files and folders; those after that were not read`,
      );
  }

  /**
   * Begins a file.
   *
   * @param inside path of the archive or folder that holds it
   * @param archives in how many archives it lies
   * @returns `undefined` for what is not read
   */
  begin(
    inside: string,
    name: string,
    archives: number,
  ): { readonly path: string; readonly sink: Sink } | undefined {
    const below = safePath(name, this.limits);
    if (below === undefined) {
      this.note('paths that lead out of the archive, or that no tool writes');
      return undefined;
    }
    const path = `${inside}/${below}`;
    if (ARCHIVE_NAME.test(below)) {
      if (archives < this.limits.archives) return { path, sink: this.#innerArchive() };
      this.note('archives that lie too deep in other archives');
      return undefined;
    }
    // A log that was rotated is packed by itself; of all that is packed so only what has a known place is unpacked.
    if (PACKED_NAME.test(below) && placeOf(path.replace(PACKED_NAME, '')) !== undefined) {
      if (archives < this.limits.archives) return { path, sink: this.#innerArchive() };
      this.note('archives that lie too deep in other archives');
      return undefined;
    }
    const place = placeOf(path);
    if (place === undefined && !isLoose(path)) {
      this.#others += 1;
      return undefined;
    }
    const isLog = place?.row.reads === 'log';
    return {
      path,
      sink: this.#file(path, new KeptText(isLog ? { ...this.limits, textBytes: 0 } : this.limits)),
    };
  }

  #file(path: string, kept: KeptText): Sink {
    return {
      write: (chunk) => kept.write(chunk),
      end: () => {
        const text = kept.end();
        if (text === undefined) {
          if (placeOf(path)?.row.reads !== 'log') this.#others += 1;
          else this.#files.set(path, { path, place: placeOf(path), text: '', isCut: false });
          return undefined;
        }
        this.#kept += text.text.length;
        this.#lines += text.text.split('\n').length;
        if (this.#kept > this.limits.keptBytes || this.#lines > this.limits.keptLines)
          throw new BundleLimitReached(
            'it has more text that may matter than is read of one bundle; what comes after that was not read',
          );
        this.#files.set(path, { path, place: placeOf(path), ...text });
        return undefined;
      },
    };
  }

  #innerArchive(): Sink {
    const chunks: Buffer[] = [];
    let size = 0;
    return {
      write: (chunk) => {
        size += chunk.length;
        if (size <= this.limits.innerBytes) chunks.push(Buffer.from(chunk));
        else chunks.length = 0;
      },
      end: () => {
        if (size <= this.limits.innerBytes) return Buffer.concat(chunks);
        this.note(`archives in it of more than ${mib(this.limits.innerBytes)} MiB`);
        return undefined;
      },
    };
  }
}

const mib = (bytes: number): number => Math.floor(bytes / 2 ** 20);
