import { randomUUID } from 'node:crypto';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, vi } from 'vitest';
import { runInScratchNamespace, type ScratchNode } from '../../../local/recorded/scratch-namespace.ts';
import { parseRemediationResult } from '../../../src/core/remediation/result.ts';
import { type ScratchHost, scratchHost } from './scratch-node.ts';
import { NONCE, shipped } from './scripts.ts';
import { isRoot, run } from './shells.ts';

const ends: (() => Promise<void>)[] = [];

// Imported once a test file.
afterAll(() => Promise.all(ends.map((end) => end())));

/**
 * A made-up node like {@link scratchHost}, whose namespace stays open until the test file has run. Entering one and
 * covering the machine in it costs more than most scripts do; here only the first run pays for it. Everything else is as
 * there: each run is a shell of its own with nothing but the given environment.
 *
 * @throws Error when the namespace cannot be opened
 */
export async function openScratchHost(given: Partial<ScratchNode> = {}): Promise<ScratchHost> {
  const host = await scratchHost(given);
  const [pipe, pidFile] = [join(host.root, 'open'), join(host.root, 'pid')];
  await run(['mkfifo', pipe]);
  // For both directions, so that it waits for nobody. The holder ends with us, however we end.
  const held = openSync(pipe, constants.O_RDWR);
  let failure: string | undefined;
  const holder = runInScratchNamespace({
    root: host.root,
    script: `echo $$ >"${pidFile}"\nread -r _ <"${pipe}"\n`,
    environment: {},
  }).then(({ stderr }) => {
    failure = `the namespace of a node closed: ${stderr}`;
  });
  ends.push(async () => {
    writeSync(held, '\n');
    await holder;
    closeSync(held);
  });
  const pid = await vi.waitFor(
    async () => {
      if (failure === undefined)
        return /^(\d+)\n$/.exec(await readFile(pidFile, 'utf8'))?.[1] ?? Promise.reject();
      throw new Error(failure);
    },
    { interval: 5, timeout: 30_000 },
  );
  const enter = ['nsenter', '-t', pid, ...(isRoot ? ['-m'] : ['-U', '--preserve-credentials', '-m'])];
  return {
    ...host,
    run: async (document, parameters, shell = 'dash', environment = {}) => {
      const script = join(host.root, `script-${randomUUID()}.sh`);
      await writeFile(script, shipped(document, parameters));
      try {
        const { exitCode, ...printed } = await run([...enter, ...shell.split(' '), script], environment);
        const [stdout, stderr] = [asText(printed.stdout), asText(printed.stderr)];
        const result = parseRemediationResult(stdout, NONCE);
        return { exitCode, stdout, stderr, result: result.kind === 'result' ? result : undefined };
      } finally {
        await rm(script, { force: true });
      }
    },
  };
}

/** UTF-8, of which `run` gives the bytes. */
function asText(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
