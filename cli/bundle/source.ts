/** An archive: a file on disk, or bytes in memory. */
export type ArchiveSource = { readonly file: string } | { readonly bytes: Buffer };

/** How an archive that is being read lies in others. */
export interface Depth {
  /** Archives around its entries, itself included. */
  readonly archives: number;
  /** Reads an archive that lies in it. */
  readonly inner: (path: string, bytes: Buffer) => Promise<void>;
}
