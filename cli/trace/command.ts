import { writeFileSync } from 'node:fs';
import { messageOf } from '../../src/core/errors.ts';
import type { Trace } from '../../src/core/trace/output.ts';
import { pathOf } from '../../src/core/trace/path.ts';
import { synPathChart } from '../../src/page/charts/syn-path.ts';
import { InputError, NotReachedError } from '../errors.ts';
import { newNonce, piped, runHere, scriptOf } from '../node-script/script.ts';
import { print, printJson, printRaw } from '../output.ts';
import { tracedIn } from './inputs.ts';
import { type NodeOptions, traceOnNode } from './on-node.ts';
import { traceJson, traceReport } from './report.ts';

interface TraceOptions extends NodeOptions {
  readonly local?: true;
  readonly seconds: string;
  readonly port: string;
  readonly points: string;
  readonly script?: true;
  readonly raw?: true;
  readonly json?: true;
  readonly picture?: string;
}

/** Exit status with which the script refuses. */
const REFUSED = 3;

/**
 * `medic trace`: where new connections are lost on a node, which Systems Manager runs the script on; or on this machine, by the very
 * same script; or that script, for a machine without Node.js. It changes nothing.
 */
export async function runTrace(argument: string | undefined, given: TraceOptions): Promise<void> {
  const { instanceId, options } = nodeOf(argument, given);
  refuseMixed(instanceId, options);
  const { nonce, text } = traceScript(options);
  if (instanceId !== undefined) {
    const port = options.port === 'any' ? undefined : Number(options.port);
    const wish = { nonce, seconds: Number(options.seconds), port, points: options.points };
    return tell(await traceOnNode(instanceId, wish, options), nonce, instanceId, options);
  }
  if (options.script === true) return printRaw(text);
  if (process.platform !== 'linux')
    throw new InputError(
      `medic trace looks at a Linux node, and this is ${process.platform}; "medic trace --script | ssh NODE sudo sh > trace.txt" traces one from here, and "medic diagnose trace.txt" reads it.`,
    );
  if (process.getuid?.() !== 0)
    throw new InputError(
      'medic trace looks at packets, which only root may; run it again with sudo: sudo medic trace.',
    );
  tell(await outputOf(text), nonce, 'This machine', options);
}

/** `--demo i-0123456789abcdef0`: what follows an option that may have a value is taken for that value, and here it is the node. */
function nodeOf(instanceId: string | undefined, options: TraceOptions) {
  const { demo } = options;
  return instanceId === undefined && typeof demo === 'string' && !URL.canParse(demo)
    ? { instanceId: demo, options: { ...options, demo: true as const } }
    : { instanceId, options };
}

/** What of the call belongs to a node, and what to this machine. */
function refuseMixed(instanceId: string | undefined, options: TraceOptions): void {
  const { local, script, demo, stack, region } = options;
  if (instanceId !== undefined && (local === true || script === true))
    throw new InputError(
      `--${local === true ? 'local' : 'script'} is for this machine; leave it out, or leave ${instanceId.slice(0, 40)} out.`,
    );
  if (instanceId === undefined && [demo, stack, region].some((given) => given !== undefined))
    throw new InputError(
      '--demo, --stack and --region say where a node is; give its instance id, such as i-0123456789abcdef0.',
    );
}

/** Prints what a trace found, in the form that was asked for. */
function tell(output: string, nonce: string, title: string, options: TraceOptions): void {
  if (options.raw === true) return printRaw(output);
  const trace = tracedIn(output, title, nonce);
  if (options.picture !== undefined) drawPath(trace, options.picture);
  if (options.json === true) return printJson(traceJson(trace));
  print(`${traceReport(trace, title)}\n`);
}

/** Writes the picture of where first SYNs got to. */
function drawPath({ fates }: Trace, file: string): void {
  if (fates === undefined)
    throw new InputError(
      'No packet could be looked at there, so there is no way to draw; leave --picture out.',
    );
  try {
    writeFileSync(file, `${synPathChart(pathOf(fates)).text}\n`);
  } catch (error) {
    throw new InputError(`${file} can not be written (${messageOf(error)}); give another file.`);
  }
}

/** The script with its parameters, each held to the pattern that the document has for it. */
function traceScript(options: TraceOptions): { readonly nonce: string; readonly text: string } {
  const { text, patterns } = scriptOf('medic-trace');
  const nonce = newNonce();
  const given = { nonce, seconds: options.seconds, port: options.port, points: options.points };
  for (const [name, value] of Object.entries(given))
    if (patterns[name]?.test(value) !== true || value.includes('\n'))
      throw new InputError(
        `--${name} ${value.slice(0, 100)} is none that a trace takes; ${TAKEN[name] ?? ''}.`,
      );
  return { nonce, text: piped(text, given) };
}

const TAKEN: Readonly<Record<string, string>> = {
  seconds: 'give 5 to 60',
  port: 'give 1 to 65535, or any',
  points: 'give auto, or up to five of uplink=INTERFACE and pod=ADDRESS, separated by commas',
};

async function outputOf(script: string): Promise<string> {
  const { output, status } = await runHere(script, 'latin1');
  if (status === 0 || status === REFUSED) return output;
  throw new NotReachedError(
    `This machine could not be traced (the script ended with ${status ?? 'a signal'}); run it again.`,
  );
}
