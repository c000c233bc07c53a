/** How much of a bundle is read. */
export interface BundleLimits {
  /** Bytes that all of it may have once it is unpacked, those that are skipped included. */
  readonly unpackedBytes: number;
  /** Files, folders, links and everything else that it may hold. */
  readonly entries: number;
  /** Folders that a path may go down. */
  readonly depth: number;
  /** Archives that may lie in each other, the outermost included. */
  readonly archives: number;
  /** Bytes of an archive within an archive, which is held in memory. */
  readonly innerBytes: number;
  /** Bytes from the beginning of one file that are kept. */
  readonly textBytes: number;
  /** Lines from the beginning of one file that are kept: each is compared with every shape that is known. */
  readonly textLines: number;
  /** Telling lines of one log that are kept, the newest. */
  readonly logLines: number;
  /** Bytes of all that is kept. */
  readonly keptBytes: number;
  /** Lines of all that is kept. */
  readonly keptLines: number;
}

/** What no bundle of a node or a cluster that people send each other goes above, as far as their tools limit themselves. */
export const BUNDLE_LIMITS: BundleLimits = {
  unpackedBytes: 2 * 2 ** 30,
  entries: 200_000,
  depth: 40,
  archives: 3,
  innerBytes: 128 * 2 ** 20,
  textBytes: 8 * 2 ** 20,
  textLines: 100_000,
  logLines: 4_000,
  keptBytes: 96 * 2 ** 20,
  keptLines: 400_000,
};

/** Longest path that is looked at, in characters. */
const PATH_MAX_CHARS = 1_024;

/**
 * The path of an entry as it is used: never opened anywhere, only compared and shown.
 *
 * @returns `undefined` for one that leads out of the archive, or that no tool writes
 */
export function safePath(name: string, { depth }: BundleLimits): string | undefined {
  if (name.length > PATH_MAX_CHARS || name.includes('\0')) return undefined;
  const path = name.replaceAll('\\', '/');
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return undefined;
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.length === 0 || parts.length > depth || parts.includes('..')) return undefined;
  return parts.join('/');
}
