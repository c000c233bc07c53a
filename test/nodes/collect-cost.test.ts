import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { collectorFile, sectionsOf } from './support/collected.ts';
import { has, isRoot, run, SHELLS } from './support/shells.ts';

/** The number of the process that was started last in the reader's namespace of processes. */
const LAST = '/proc/sys/kernel/ns_last_pid';

const shells = SHELLS.filter(({ binary }) => has(binary));

describe.runIf(isRoot && existsSync(LAST) && has('unshare')).each(shells)(
  'what collect.sh costs under $name',
  { concurrent: true },
  ({ command }) => {
    it('are few processes, however many others run on the node', async () => {
      // Without an interface: each physical one is read by a few processes of its own.
      const script = [
        'mount -t tmpfs interfaces /sys/class/net',
        'i=0; while [ $i -lt "$1" ]; do sleep 60 & i=$((i + 1)); done; shift',
        `read before <${LAST}; "$@"; read after <${LAST}; echo "started $((after - before))"`,
      ].join('\n');
      for (const others of ['0', '50']) {
        const inNamespaces = ['unshare', '-n', '-p', '--fork', '--kill-child', '--mount-proc', 'bash', '-c'];
        const { stdout } = await run(
          inNamespaces.concat(script, 'bash', others, command, await collectorFile()),
        );
        const [collected = '', started = ''] = stdout.split('started ');
        expect([...sectionsOf(collected).keys()].at(-1)).toBe('end -');
        expect(Number(started)).toBeLessThanOrEqual(50);
      }
    });
  },
);
