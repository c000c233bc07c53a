import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runInScratchNamespace } from '../../../local/recorded/scratch-namespace.ts';
import type { MedicDocument } from '../../../nodes/documents.ts';
import type { ScratchHost } from './scratch-node.ts';
import { NONCE, shipped } from './scripts.ts';
import { temporaryDirectory } from './temporary.ts';

/** One command that reaches a node. */
export interface Step {
  readonly document: MedicDocument['name'];
  readonly parameters: Readonly<Record<string, string>>;
}

/** A node as a killed or a finished run left it. */
export interface NodeState {
  /** Files that are read at boot, by path: a checksum of the bytes. */
  readonly files: Readonly<Record<string, string>>;
  /** Running values by path below /proc/sys. */
  readonly values: Readonly<Record<string, string>>;
  /** Lines of the journals; empty when there is none. */
  readonly journal: readonly string[];
  /** Lines of the collector's section `state`; undefined where another state of the same kind was collected. */
  readonly collected: readonly string[] | undefined;
}

/** What one command answered, and the node after it. */
export interface Answer {
  readonly outcome: string;
  readonly code: string;
  readonly state: NodeState;
}

/** A state that a kill left behind, the commands before which it was left, and what following commands made of it. */
export interface KilledState extends NodeState {
  readonly steps: readonly number[];
  /** By sequence, one answer a command. */
  readonly after: readonly (readonly Answer[])[];
}

const KILLER = new URL('killer.sh', import.meta.url);

/** How many drivers work at once, each in a namespace of its own. */
const DRIVERS = 2;

/**
 * Kills a script with SIGKILL before its first command, its second and so on to its last, each time from the node's
 * present state. States that cannot be told apart by any file, mode or value are one: the sequences of following commands
 * run once for each.
 * @param given.every - kill before every n-th command only; 1 unless told
 */
export async function killEverywhere(
  host: ScratchHost,
  given: {
    readonly killed: Step;
    readonly next: readonly (readonly Step[])[];
    readonly every?: number;
    readonly environment?: Readonly<Record<string, string>>;
  },
): Promise<{
  readonly commands: number;
  readonly start: NodeState;
  readonly whole: KilledState;
  readonly states: readonly KilledState[];
}> {
  const work = await temporaryDirectory();
  for (const folder of ['seen', 'tried']) await mkdir(join(work, folder));
  const place = (path: string, { document, parameters }: Step) =>
    writeFile(join(work, path), shipped(document, parameters));
  await place('killed.sh', given.killed);
  await place('collect.sh', { document: 'medic-collect', parameters: { nonce: NONCE, sampleSeconds: '2' } });
  for (const [sequence, steps] of given.next.entries()) {
    await mkdir(join(work, `sequence-${sequence}`));
    for (const [index, step] of steps.entries()) await place(`sequence-${sequence}/${index}.sh`, step);
  }
  await writeFile(join(work, 'killer.sh'), await readFile(KILLER));
  const every = given.every ?? 1;
  const outputs = await Promise.all(
    Array.from({ length: DRIVERS }, async (_, driver) => {
      const root = join(await temporaryDirectory(), 'root');
      await cp(host.root, root, { recursive: true, preserveTimestamps: true });
      const shell = `bash ${work}/killer.sh ${work} ${driver * every} ${DRIVERS * every}`;
      const { stdout, stderr } = await runInScratchNamespace({
        root,
        script: '',
        environment: given.environment ?? {},
        shell,
      });
      if (!stdout.includes('\nrun ')) throw new Error(`the driver did not run: ${stderr}`);
      return stdout.trim().split('\n');
    }),
  );
  return resultOf(outputs.flat().map((line) => line.split(' ')));
}

function resultOf(lines: readonly (readonly string[])[]) {
  const of = (kind: string, state: string) =>
    lines.filter(([name, whose]) => name === kind && whose === state);
  const described = new Map<string, NodeState>();
  const describe = (state: string): NodeState => {
    const known = described.get(state);
    if (known !== undefined) return known;
    const collected = of('collect', state).map(([, , ...words]) => words.join(' '));
    const one = {
      files: Object.fromEntries(of('file', state).map(([, , path = '', sum = '']) => [path, sum])),
      values: Object.fromEntries(of('value', state).map(([, , key = '', value = '']) => [key, value])),
      journal: of('journal', state).map(([, , ...words]) => words.join(' ')),
      collected: collected.length === 0 ? undefined : collected,
    };
    described.set(state, one);
    return one;
  };
  const runs = lines.flatMap(([name, step, code, state = '']) =>
    name === 'run' ? [{ step: Number(step), isKilled: code === '137', state }] : [],
  );
  const killedState = (state: string): KilledState => {
    const answers = of('after', state);
    const count = 1 + Math.max(-1, ...answers.map(([, , sequence]) => Number(sequence)));
    return {
      ...describe(state),
      steps: runs.filter((run) => run.isKilled && run.state === state).map(({ step }) => step),
      after: Array.from({ length: count }, (_, sequence) =>
        answers
          .filter(([, , number]) => Number(number) === sequence)
          .map(([, , , , outcome = '', code = '', after = '']) => {
            return { outcome, code: code === 'none' ? '' : code, state: describe(after) };
          }),
      ),
    };
  };
  const whole = runs.find(({ isKilled }) => !isKilled)?.state ?? '';
  const start = lines.find(([name]) => name === 'start')?.[1] ?? '';
  const killed = runs.filter(({ isKilled }) => isKilled);
  return {
    commands: killed.length,
    start: describe(start),
    whole: killedState(whole),
    states: [...new Set(killed.map(({ state }) => state))].map(killedState),
  };
}
