import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { assembleScripts, buildDocuments } from '../../nodes/documents.ts';

/** A document's script before it is given its parameters, and the pattern that each of them has to match. */
interface DocumentScript {
  readonly text: string;
  readonly patterns: Readonly<Record<string, RegExp>>;
}

/** The script of a document as it is sent to a node. */
export function scriptOf(document: string): DocumentScript {
  const scripts = assembleScripts((path) =>
    readFileSync(new URL(`../../nodes/${path}`, import.meta.url), 'utf8'),
  );
  const { content = '' } = buildDocuments(scripts).find(({ name }) => name === document) ?? {};
  const { mainSteps, parameters } = JSON.parse(content) as {
    parameters: Record<string, { allowedPattern: string }>;
    mainSteps: readonly [{ inputs: { runCommand: readonly string[] } }];
  };
  return {
    text: mainSteps[0].inputs.runCommand.join('\n'),
    patterns: Object.fromEntries(
      Object.entries(parameters).map(([name, { allowedPattern }]) => [name, new RegExp(allowedPattern)]),
    ),
  };
}

/** A mark for the output of one run. */
export const newNonce = (): string => randomBytes(8).toString('hex');

/**
 * The script with its parameters, for a shell that is given it through a pipe. That reads all of it before it runs any: what the
 * script calls would read its rest as input, and half of it would run where the connection breaks.
 */
export function piped(text: string, parameters: Readonly<Record<string, string>>): string {
  const filled = Object.entries(parameters).reduce(
    (script, [name, value]) => script.replace(`{{ ${name} }}`, () => value),
    text,
  );
  return `{\n${filled}\n} </dev/null\n`;
}

/** Runs a script on this machine. @returns what it printed, and how it ended; nothing for a signal */
export async function runHere(
  script: string,
  encoding: 'utf8' | 'latin1',
): Promise<{ readonly output: string; readonly status: number | null }> {
  const shell = spawn('sh', { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  shell.stdout.setEncoding(encoding).on('data', (chunk: string) => {
    output += chunk;
  });
  shell.stdin.on('error', () => {});
  shell.stdin.end(script);
  const [status] = (await once(shell, 'close')) as [number | null];
  return { output, status };
}
