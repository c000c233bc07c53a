import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { commandsOfRunbook, renderedRunbooks } from '../unit/support/runbook-commands.ts';
import { programsIn } from '../unit/support/shell-words.ts';
import { NETWORK_NAMESPACE } from './support/network-namespace.ts';
import { find, has, run } from './support/shells.ts';
import { temporaryDirectory } from './support/temporary.ts';

/** What changes something, or goes elsewhere: by the program or by the words. */
const ELSEWHERE = new Set(['kubectl', 'helm', 'aws', 'curl', 'getent', 'modprobe', 'rmmod']);
const CHANGES = /sysctl -w|conntrack -D|> *\/(?:sys|proc|etc)\//;

/** What the reader puts in, as it could be on a node. */
const PUT_IN: Readonly<Record<string, string>> = {
  ADDRESS: '198.51.100.7',
  CLIENT_ADDRESS: '198.51.100.7',
  POD_ADDRESS: '198.51.100.8',
  PORT: '53',
};

/** How programs say that they were called wrongly; that something is not there is no such thing. */
const CALLED_WRONGLY =
  /: (?:not found|command not found)|usage|invalid option|unrecognized|unknown (?:option|command|argument)|syntax error|bad (?:option|substitution|argument)|illegal|unexpected|division by zero|fatal/i;

const harmless = [
  ...new Set(
    renderedRunbooks()
      .flatMap((runbook) => commandsOfRunbook(runbook))
      .filter(({ isBlock, text }) => isBlock && !CHANGES.test(text))
      .map(({ text }) => text)
      .filter((text) => !programsIn(text).some((program) => ELSEWHERE.has(program))),
  ),
]
  // What a program says of its options must not be lost.
  .map((text) => text.replaceAll('2>/dev/null', ''))
  .map((text) => text.replaceAll(/\b(?:CLIENT_|POD_)?ADDRESS\b|\bPORT\b/g, (word) => PUT_IN[word] ?? word));

/** Time is not what is tested: nothing waits long, and what has a limit of its own ends after a second. */
const PATIENCE = 'sleep() { command sleep 0.1; }; timeout() { shift; command timeout 1 "$@"; }';

/** Runs each script in the same network namespace, whose only interface is the loopback. */
const RUN_EACH = `ip link set lo up
for script in "$1"/*.sh; do (${PATIENCE}; set -- ; . "$script") >"\${script%.sh}.out" 2>"\${script%.sh}.err" </dev/null; done`;

it.runIf(has('unshare', 'ip', 'conntrack', 'ethtool', 'nft', 'iptables'))(
  'the commands of the runbooks that change nothing run in an empty network namespace',
  async () => {
    const folder = await temporaryDirectory();
    const runnable = harmless.filter((text) =>
      programsIn(text).every((program) => /^(?:echo|\[)$/.test(program) || find(program) !== undefined),
    );
    expect(runnable.length).toBeGreaterThan(25);
    await Promise.all(runnable.map((text, index) => writeFile(join(folder, `${index}.sh`), text)));
    const { exitCode } = await run([...NETWORK_NAMESPACE, 'sh', '-c', RUN_EACH, 'sh', folder], {
      LC_ALL: 'C',
    });
    expect(exitCode).toBe(0);
    const said = await Promise.all(
      runnable.map(async (text, index) => ({
        text,
        error: await readFile(join(folder, `${index}.err`), 'utf8'),
        output: await readFile(join(folder, `${index}.out`), 'utf8'),
      })),
    );
    expect(said.filter(({ error }) => CALLED_WRONGLY.test(error))).toEqual([]);
    // Two readings are held against each other: each CPU and interface has one line, and none of what it counted since boot.
    const rates = said.filter(({ text }) => /^\{ .*; \} \| awk/.test(text));
    expect(rates.length).toBeGreaterThan(1);
    for (const { output } of rates) {
      const names = output.split('\n').flatMap((line) => line.split(' ')[0] || []);
      expect(names).toEqual([...new Set(names)]);
    }
  },
);
