import { closeSync, openSync, readSync } from 'node:fs';
import type { BundleFile } from '../../src/core/bundle/evidence.ts';
import { type Bundle, nodesOf } from '../../src/core/bundle/nodes.ts';
import { InputError } from '../errors.ts';
import { formOf, readArchive } from './archive.ts';
import { BundleLimitReached, BundleReader } from './bundle-reader.ts';
import { readBundleFolder } from './folder.ts';
import { BUNDLE_LIMITS, type BundleLimits } from './limits.ts';

/** A bundle as it was read. */
export interface ReadBundle extends Bundle {
  /** Files that nothing here asks for. */
  readonly others: number;
  /** Sentences on what was not read and why. */
  readonly notes: readonly string[];
}

/** Bytes that tell an archive from a text. */
const HEAD_BYTES = 512;

/** Whether a file is an archive, or packed. */
export function isArchive(path: string): boolean {
  const head = Buffer.alloc(HEAD_BYTES);
  const file = openSync(path, 'r');
  try {
    return formOf(head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0))) !== undefined;
  } finally {
    closeSync(file);
  }
}

/** Whether what begins so is an archive, or packed. */
export function isPacked(bytes: Buffer): boolean {
  return formOf(bytes) !== undefined;
}

/** Where a bundle lies. */
export type BundleSource =
  | { readonly folder: string }
  | { readonly file: string }
  | { readonly bytes: Buffer }
  | { readonly text: string };

/**
 * Reads a folder or an archive of any tool that is known, within bounds, and takes it apart by node.
 *
 * @param name of the bundle, as people see it
 * @throws InputError for what is no archive that can be read, or holds nothing at all
 */
export async function readBundle(
  name: string,
  source: BundleSource,
  limits: BundleLimits = BUNDLE_LIMITS,
): Promise<ReadBundle> {
  const reader = new BundleReader(limits);
  let stopped: string | undefined;
  let given: readonly BundleFile[] = [];
  try {
    if ('text' in source) given = [{ path: name, place: undefined, text: source.text, isCut: false }];
    else if ('folder' in source) await readBundleFolder(reader, source.folder);
    else await readArchive(reader, name, source);
  } catch (error) {
    if (!(error instanceof BundleLimitReached)) throw error;
    stopped = error.message;
  }
  const files = [...reader.files, ...given];
  const bundle = nodesOf(files);
  const notes = [
    ...(stopped === undefined ? [] : [stopped]),
    ...Array.from(reader.notes, ([what, times]) => `not read: ${what} (${times})`),
  ];
  if (bundle.nodes.length + bundle.loose.length + bundle.silent.length === 0) {
    const why = notes.length === 0 ? '' : ` (${notes.join('; ')})`;
    throw new InputError(
      `${name} holds no samples; expected capture.txt, files such as before.conntrack-S.txt and after.conntrack-S.txt, what a node's tools printed, or a bundle of the EKS log collector, sosreport, logdog, kubectl cluster-info dump or must-gather${why}.`,
    );
  }
  const used = new Set(bundle.nodes.flatMap(({ evidence }) => evidence.used.map(({ path }) => path)));
  for (const { files: own } of bundle.loose) for (const { path } of own) used.add(path);
  const unplaced = reader.files.filter(({ place, path }) => place === undefined && !used.has(path));
  return { ...bundle, others: reader.others + unplaced.length, notes };
}
