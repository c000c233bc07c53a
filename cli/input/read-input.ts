import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beginsAsDump } from '../../src/core/bundle/cluster.ts';
import { type Capture, readCapture } from '../../src/core/capture/capture.ts';
import { isSampleFile, readFolder } from '../../src/core/capture/read-folder.ts';
import { joinTexts } from '../../src/core/paste/join-texts.ts';
import { readPaste } from '../../src/core/paste/read-paste.ts';
import { firstOf, show } from '../../src/core/words.ts';
import { readBundleInputs } from '../bundle/bundle-inputs.ts';
import { isArchive, isPacked } from '../bundle/read-bundle.ts';
import { InputError } from '../errors.ts';
import { endProgress } from '../terminal/progress.mjs';
import type { Input } from './input.ts';
import { pastedInputs } from './pasted-inputs.ts';

/** Most that is read of one input, in bytes: far above what any node returns. */
const INPUT_MAX_BYTES = 8 * 2 ** 20;

/** The same of what `kubectl cluster-info dump` printed into one file: most of it is the logs of pods, of which little is kept. */
const DUMP_MAX_BYTES = 96 * 2 ** 20;

/** Most lines of pasted text that are read: each is compared with every known shape. A full input of entries has a third of it. */
const PASTE_MAX_LINES = 250_000;

/** Share of bytes that are no UTF-8 from which a text is none; a cut or a stray byte stays below. */
const MOST_BROKEN = 0.05;

/** Longest name that is printed; of a longer one its end, which tells it from others. */
const NAME_MAX_CHARS = 120;

/** What standard input is called. */
const STANDARD_INPUT = 'standard input';

/** Most names of the texts that are one paste. */
const TITLES_SHOWN = 5;

/**
 * Reads evidence from files, folders and standard input (`-`). Every capture and every folder is a node; all pasted
 * texts together are one text, of one host or of several.
 *
 * @throws InputError when one of them holds nothing that can be used
 */
export async function readInputs(paths: readonly string[]): Promise<readonly Input[]> {
  const texts: { title: string; text: string }[] = [];
  const inputs: Input[] = [];
  for (const path of paths) {
    const isStandardInput = path === '-';
    const title = isStandardInput ? STANDARD_INPUT : nameOf(path);
    if (!isStandardInput && isFolder(path)) {
      const capture = await captureOfFolder(path);
      if (capture === undefined) inputs.push(...(await readBundleInputs(title, { folder: path })));
      else inputs.push({ title, capture, paste: undefined });
      continue;
    }
    // What comes through a pipe can be read once only.
    if (!isStandardInput && readable(path, () => statSync(path).isFile() && isArchive(path))) {
      inputs.push(...(await readBundleInputs(title, { file: path })));
      continue;
    }
    const bytes = await bytesOf(path, title);
    if (isPacked(bytes)) {
      inputs.push(...(await readBundleInputs(title, { bytes })));
      continue;
    }
    const text = textIn(bytes, title);
    if (beginsAsDump(text)) {
      inputs.push(...(await readBundleInputs(title, { text })));
      continue;
    }
    const capture = readCapture(text);
    if (capture === undefined) texts.push({ title, text });
    else inputs.push({ title, capture, paste: undefined });
  }
  return texts.length === 0 ? inputs : [...inputs, ...pastesOf(texts)];
}

/** A path as it was given: captures of several nodes often differ in nothing but their folder. */
function nameOf(path: string): string {
  const characters = Array.from(path);
  return characters.length <= NAME_MAX_CHARS ? path : `…${characters.slice(1 - NAME_MAX_CHARS).join('')}`;
}

function pastesOf(texts: readonly { readonly title: string; readonly text: string }[]): readonly Input[] {
  const title = firstOf(
    texts.map((one) => one.title),
    TITLES_SHOWN,
  ).join(', ');
  const lines = texts.reduce((total, { text }) => total + text.split(/\r\n|\n|\r/).length, 0);
  if (lines > PASTE_MAX_LINES) {
    throw new InputError(
      `${title} has more than ${show(PASTE_MAX_LINES)} lines; give the part that matters.`,
    );
  }
  const named = texts.map(({ title: name, text }) => ({
    name: name === STANDARD_INPUT ? undefined : name,
    text,
  }));
  return pastedInputs(readPaste(joinTexts(named)), title);
}

function isFolder(path: string): boolean {
  const stats = readable(path, () => statSync(path, { throwIfNoEntry: false }));
  if (stats === undefined) {
    throw new InputError(
      `${path} does not exist; give a capture, a folder of samples, pasted text or - for standard input.`,
    );
  }
  return stats.isDirectory();
}

/** The capture or the samples that lie in a folder itself; nothing where it is a bundle of some tool. */
async function captureOfFolder(path: string): Promise<Capture | undefined> {
  const names = readable(path, () => readdirSync(path));
  if (names.includes('capture.txt')) {
    const file = join(path, 'capture.txt');
    const capture = readCapture(await textOf(file, file));
    if (capture !== undefined) return capture;
    throw new InputError(`${file} is not a capture: no line begins with "=== medic/1".`);
  }
  const files = new Map<string, string>();
  for (const name of names.filter(isSampleFile)) {
    const file = join(path, name);
    files.set(name, (await bytesOf(file, file)).toString('utf8'));
  }
  return readFolder(files);
}

async function textOf(path: string, title: string): Promise<string> {
  return textIn(await bytesOf(path, title), title);
}

function textIn(bytes: Buffer, title: string): string {
  const wanted = "a capture or what the node's tools printed";
  const wide = wideText(bytes);
  if (wide === undefined && bytes.includes(0))
    throw new InputError(`${title} is binary; give text: ${wanted}.`);
  const text = wide ?? bytes.toString('utf8');
  if (text.trim() === '') throw new InputError(`${title} is empty; give ${wanted}.`);
  const broken = text.split('\uFFFD').length - 1;
  if (broken > text.length * MOST_BROKEN)
    throw new InputError(`${title} is not text in UTF-8; give ${wanted} as plain text.`);
  return text;
}

/** Text in UTF-16, as PowerShell's `>` and some editors write it, told by its mark; `undefined` where there is none. */
function wideText(bytes: Buffer): string | undefined {
  const [first, second] = bytes;
  const isLittle = first === 0xff && second === 0xfe;
  const isBig = first === 0xfe && second === 0xff;
  if (!isLittle && !isBig) return undefined;
  return new TextDecoder(isLittle ? 'utf-16le' : 'utf-16be').decode(bytes);
}

async function bytesOf(path: string, title: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    if (path === '-') askForInput();
    for await (const chunk of path === '-' ? process.stdin : createReadStream(path)) {
      const bytes = Buffer.from(chunk);
      size += bytes.length;
      const most = beginsAsDump(String(chunks[0] ?? bytes)) ? DUMP_MAX_BYTES : INPUT_MAX_BYTES;
      if (size > most) {
        throw new InputError(`${title} has more than ${most / 2 ** 20} MiB; give the part that matters.`);
      }
      chunks.push(bytes);
    }
  } catch (error) {
    throw unreadable(title, error);
  }
  return Buffer.concat(chunks);
}

/** Who sits at a terminal and gave nothing to read would wait for an answer, and nothing would wait for more. */
function askForInput(): void {
  if (!process.stdin.isTTY) return;
  endProgress();
  process.stderr.write('medic: reads standard input; end with Ctrl-D.\n');
}

/** What the system refuses to read is told like everything else that can't be used. */
function readable<T>(title: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unreadable(title, error);
  }
}

function unreadable(title: string, error: unknown): unknown {
  if (error instanceof InputError || !(error instanceof Error)) return error;
  return new InputError(`${title} can not be read (${error.message}); check the path and its permissions.`, {
    cause: error,
  });
}
