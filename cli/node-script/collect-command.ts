import { InputError, NotReachedError } from '../errors.ts';
import { printRaw } from '../output.ts';
import { newNonce, piped, runHere, scriptOf } from './script.ts';

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
  const text = piped(scriptOf('medic-collect').text, { nonce: newNonce(), sampleSeconds: seconds });
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

async function outputOf(script: string): Promise<string> {
  const { output, status } = await runHere(script, 'utf8');
  if (status === 0) return output;
  throw new NotReachedError(
    `This machine could not be read (the collector ended with ${status ?? 'a signal'}); run it again.`,
  );
}
