import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { assembleScripts, buildDocuments } from '../nodes/documents.ts';
import { InputError, NotReachedError } from './errors.ts';
import { printRaw } from './output.ts';

/** Names of the document that reads a node, and of the words that its script is given. */
const [DOCUMENT, NONCE, SECONDS] = ['medic-collect', '{{ nonce }}', '{{ sampleSeconds }}'];

/** What the script itself takes (nodes/collect.sh). */
const [LEAST_SECONDS, MOST_SECONDS] = [2, 60];

interface CollectOptions {
  readonly seconds: string;
  readonly script?: true;
}

/**
 * `medic collect`: a capture of this machine, by the very script that Systems Manager runs on a node; or that script, for a
 * machine without Node.js. It reads and changes nothing.
 */
export async function runCollect({ seconds, script }: CollectOptions): Promise<void> {
  const wait = Number(seconds);
  if (!/^\d{1,2}$/.test(seconds) || wait < LEAST_SECONDS || wait > MOST_SECONDS)
    throw new InputError(
      `--seconds ${seconds} is no time between two samples; give ${LEAST_SECONDS} to ${MOST_SECONDS}.`,
    );
  const text = collectScript(seconds);
  if (script === true) {
    printRaw(text);
    return;
  }
  if (process.platform !== 'linux')
    throw new InputError(
      `medic collect reads a Linux node, and this is ${process.platform}; "medic collect --script | ssh NODE sudo sh" reads one from here.`,
    );
  if (process.getuid?.() !== 0)
    throw new InputError(
      'medic collect reads what only root may read; run it again with sudo: sudo medic collect > capture.txt.',
    );
  printRaw(await outputOf(text));
}

/**
 * The script as it is sent to a node, with a nonce of its own. A shell that is given it through a pipe reads all of it before it
 * runs any: what the script calls would read its rest as input, and half of it would run where the connection breaks.
 */
function collectScript(seconds: string): string {
  const scripts = assembleScripts((path) =>
    readFileSync(new URL(`../nodes/${path}`, import.meta.url), 'utf8'),
  );
  const { content = '' } = buildDocuments(scripts).find(({ name }) => name === DOCUMENT) ?? {};
  const { mainSteps } = JSON.parse(content) as {
    mainSteps: readonly [{ inputs: { runCommand: readonly string[] } }];
  };
  const lines = mainSteps[0].inputs.runCommand.join('\n');
  const script = lines.replace(NONCE, randomBytes(8).toString('hex')).replace(SECONDS, seconds);
  return `{\n${script}\n} </dev/null\n`;
}

async function outputOf(script: string): Promise<string> {
  const shell = spawn('sh', { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  shell.stdin.on('error', () => {});
  shell.stdin.end(script);
  const [status] = (await once(shell, 'close')) as [number | null];
  if (status === 0) return output;
  throw new NotReachedError(
    `This machine could not be read (the collector ended with ${status ?? 'a signal'}); run it again.`,
  );
}
