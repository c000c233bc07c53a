import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Capture, readCapture } from '../src/core/capture.ts';
import { readFolder } from '../src/core/read-folder.ts';
import { InputError } from './input-error.ts';

/** Largest file that is read, in bytes: far above what any node returns. */
const FILE_MAX_BYTES = 8 * 2 ** 20;

/** Names of a folder's files that hold samples. Others, such as notes on how it was made, are never opened. */
const SAMPLE_FILE = /^(?:before|after)\.(?:time|[A-Za-z0-9_-]+\.txt)$/;

/** Files of a sample that show another machine than the node. */
const FOREIGN_FILE = /nstat-client/;

/**
 * Reads a capture from a file, a folder or standard input (`-`).
 *
 * @throws InputError when there is nothing that can be read as a capture
 */
export async function readInput(path: string): Promise<Capture> {
  if (path === '-') return captureOf(await text(process.stdin), 'standard input');
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined)
    throw new InputError(
      `${path} does not exist; give a capture file, a folder of samples or - for standard input.`,
    );
  if (!stats.isDirectory()) return captureOf(readBounded(path), path);
  const names = readdirSync(path);
  if (names.includes('capture.txt'))
    return captureOf(readBounded(join(path, 'capture.txt')), join(path, 'capture.txt'));
  const samples = names.filter((name) => SAMPLE_FILE.test(name) && !FOREIGN_FILE.test(name));
  const capture = readFolder(new Map(samples.map((name) => [name, readBounded(join(path, name))])));
  if (capture === undefined) {
    throw new InputError(
      `${path} holds no samples; expected capture.txt, or files such as before.conntrack-S.txt and after.conntrack-S.txt.`,
    );
  }
  return capture;
}

function readBounded(path: string): string {
  const { size } = statSync(path);
  if (size > FILE_MAX_BYTES)
    throw new InputError(`${path} has ${size} bytes; a capture has at most ${FILE_MAX_BYTES}.`);
  return readFileSync(path, 'utf8');
}

function captureOf(input: string, name: string): Capture {
  const capture = readCapture(input);
  if (capture !== undefined) return capture;
  const what = input.trim() === '' ? 'is empty' : 'is not a capture: no line begins with "=== medic/1"';
  throw new InputError(`${name} ${what}; collect one with nodes/collect.sh.`);
}
