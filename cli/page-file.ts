import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InputError } from './errors.ts';
import { print } from './output.ts';

/** Where a page goes. */
interface PageFile {
  readonly file: string;
  /** What it is the page of. */
  readonly of: string;
  readonly open?: true;
}

/** Only the user may read it: a page holds addresses of the network. */
const OWN = 0o600;

/**
 * Writes a page into a file, says where it is, and opens it in the browser if that is wanted.
 * @throws InputError where it can not be written
 */
export async function writePage(page: string, { file: named, of, open }: PageFile): Promise<void> {
  const file = resolve(named);
  await writeFile(file, page, { mode: OWN }).catch((cause: unknown) => {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'it failed';
    throw new InputError(
      `The page could not be written to ${file} (${why}); name another file with --output.`,
      { cause },
    );
  });
  print(`The page of ${of} is in ${file}.\n`);
  if (open === true && !(await opened(file)))
    print('No browser could be started here; open the file in one.\n');
}

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, string>>> = { darwin: 'open', win32: 'explorer' };

/** Hands a file to the program that the system opens such files with; false where there is none. */
async function opened(file: string): Promise<boolean> {
  const opener = OPENERS[process.platform] ?? 'xdg-open';
  const child = spawn(opener, [pathToFileURL(file).href], { stdio: 'ignore', detached: true });
  return await new Promise((answer) => {
    child.once('spawn', () => {
      child.unref();
      answer(true);
    });
    child.once('error', () => answer(false));
  });
}
