import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { catalogue } from '../runbooks/index.ts';
import { readClientLatency } from '../src/adapters/client-latency.ts';
import { runbookTexts } from '../src/adapters/runbook-texts.ts';
import { renderPage } from '../src/page/page.ts';
import { findHistory, type RecordsOptions } from './deployment/find-history.ts';
import { InputError } from './errors.ts';
import { print } from './output.ts';

interface PageOptions extends RecordsOptions {
  readonly output?: string;
  readonly open?: true;
}

/** Only the user may read it: a page holds addresses of the network. */
const OWN = 0o600;

/** `medic page`: writes the page of an incident into a file, and opens it in the browser if that is wanted. */
export async function runPage(incident: string, options: PageOptions): Promise<void> {
  const { history, demo } = await findHistory(incident, options);
  const latency = demo === undefined ? undefined : await readClientLatency(demo.evidence);
  const page = renderPage({ history, catalogue, texts: runbookTexts, latency });
  const file = resolve(options.output ?? `${incident}.html`);
  await writeFile(file, page, { mode: OWN }).catch((cause: unknown) => {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'it failed';
    throw new InputError(
      `The page could not be written to ${file} (${why}); name another file with --output.`,
      {
        cause,
      },
    );
  });
  print(`The page of ${incident} is in ${file}.\n`);
  if (options.open === true && !(await opened(file)))
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
