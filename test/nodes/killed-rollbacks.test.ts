import { describe, expect, it } from 'vitest';
import { killEverywhere } from './support/killed.ts';
import {
  answersOf,
  EVERY,
  EVERY_OF_SETTINGS,
  expectSound,
  expectState,
  KILLING_TIMEOUT,
  tellKills,
} from './support/killed-runs.ts';
import { SYSCTL_FILE, scratchHost } from './support/scratch-node.ts';
import { RAISE_A, RAISE_B, ROLLBACK_A, ROLLBACK_B, SETTINGS_A } from './support/scripts.ts';
import { has, hasNamespaces } from './support/shells.ts';

const canCover = hasNamespaces() && has('bash', 'dash');
const raiseA = { document: 'medic-raise', parameters: RAISE_A } as const;
const settingsA = { document: 'medic-settings', parameters: SETTINGS_A } as const;
/** A raise that does not care from where. */
const ensureB = { document: 'medic-raise', parameters: { ...RAISE_B, mode: 'ensure' } } as const;
const rollbackA = { document: 'medic-rollback', parameters: ROLLBACK_A } as const;
const rollbackB = { document: 'medic-rollback', parameters: ROLLBACK_B } as const;

describe.runIf(canCover).each([
  { name: 'raise', first: raiseA, every: EVERY },
  { name: 'settings', first: settingsA, every: EVERY_OF_SETTINGS },
])(
  'a rollback of $name killed before every command',
  { timeout: KILLING_TIMEOUT, concurrent: true },
  ({ name, first, every }) => {
    it('is finished or reverted by the next command, and ends with everything as it was', async () => {
      const host = await scratchHost();
      await host.put(SYSCTL_FILE, 'net.netfilter.nf_conntrack_max = 262144\n', 0o600);
      const clean = await host.configuration();
      await host.run(first.document, first.parameters);
      const runs = await killEverywhere(host, {
        killed: rollbackA,
        next: [[rollbackA], [ensureB, rollbackB, rollbackA]],
        every,
      });
      tellKills('rollback', `Of ${name}`, runs);
      expectSound(runs, `action rollback ${RAISE_A.incident}`, every);
      for (const { at, answers } of answersOf(runs, 0)) {
        expect(['rolled-back', 'unchanged']).toContain(answers[0]?.outcome);
        expectState(at, answers[0], runs.whole);
      }
      for (const { at, answers } of answersOf(runs, 1)) {
        const [other, back, last] = answers;
        expect({ at, other: other?.outcome, back: back?.outcome }).toEqual({
          at,
          other: 'raised',
          back: 'rolled-back',
        });
        expect(['rolled-back', 'unchanged']).toContain(last?.outcome);
        expectState(at, last, runs.whole);
      }
      await host.run('medic-rollback', ROLLBACK_A);
      expect(await host.configuration()).toEqual(clean);
    });
  },
);

/** A `conntrack` whose table is one file of the node, so that it can be looked at and put back like any other. */
const TABLE_TOOL = `#!/bin/sh
case $1 in
  -L) cat /run/table ;;
  -D)
    while read -r line; do
      sed -i 1d /run/table
      echo "$line"
    done </run/table
    ;;
esac
`;

describe.runIf(canCover)(
  'delete-udp-entry killed before every command',
  { timeout: KILLING_TIMEOUT, concurrent: true },
  () => {
    it('writes nothing, and is finished by sending it again', async () => {
      const host = await scratchHost();
      await host.put('/bin-of-node/conntrack', TABLE_TOOL, 0o755);
      const entries = [1, 2, 3].map(
        (port) =>
          `udp 17 20 src=10.0.0.1 dst=10.96.0.10 sport=${port} dport=53 src=10.1.1.5 dst=10.0.0.1 sport=53 dport=${port} mark=0 use=1\n`,
      );
      await host.put('/run/table', entries.join(''));
      const parameters = { ...ROLLBACK_A, destination: '10.96.0.10', port: '53', target: '10.1.1.5' };
      const killed = { document: 'medic-delete-udp-entry', parameters } as const;
      const runs = await killEverywhere(host, {
        killed,
        next: [[killed, killed]],
        every: EVERY,
        environment: { PATH: `${host.path('/bin-of-node')}:${process.env['PATH']}` },
      });
      tellKills('delete-udp-entry', 'Of three entries', runs);
      expect(runs.commands).toBeGreaterThan(200 / EVERY);
      for (const state of [...runs.states, runs.whole]) {
        expect({ files: state.files, values: state.values, journal: state.journal }).toEqual({
          files: runs.start.files,
          values: runs.start.values,
          journal: [],
        });
        expect(['changed', 'unchanged']).toContain(state.after[0]?.[0]?.outcome);
        expect(state.after[0]?.[1]?.outcome).toBe('unchanged');
      }
    });
  },
);
