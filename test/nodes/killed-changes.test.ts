import { beforeAll, describe, expect, it } from 'vitest';
import { killEverywhere } from './support/killed.ts';
import {
  answersOf,
  EVERY,
  EVERY_OF_SETTINGS,
  expectSound,
  expectState,
  KILLING_TIMEOUT,
  type Killed,
  MAX,
  tellKills,
} from './support/killed-runs.ts';
import { SYSCTL_FILE, scratchHost } from './support/scratch-node.ts';
import { RAISE_A, RAISE_B, ROLLBACK_A, ROLLBACK_B, SETTINGS_A } from './support/scripts.ts';
import { has, hasNamespaces } from './support/shells.ts';

const canCover = hasNamespaces() && has('bash', 'dash');
const raiseA = { document: 'medic-raise', parameters: RAISE_A } as const;
const raiseB = { document: 'medic-raise', parameters: RAISE_B } as const;
const settingsA = { document: 'medic-settings', parameters: SETTINGS_A } as const;
/** A raise that does not care from where. */
const ensureB = { document: 'medic-raise', parameters: { ...RAISE_B, mode: 'ensure' } } as const;
const rollbackA = { document: 'medic-rollback', parameters: ROLLBACK_A } as const;
const rollbackB = { document: 'medic-rollback', parameters: ROLLBACK_B } as const;

describe.runIf(canCover).each([
  { name: 'raise' as const, killed: raiseA, every: EVERY, action: `action raise ${RAISE_A.incident}` },
  {
    name: 'settings' as const,
    killed: settingsA,
    every: EVERY_OF_SETTINGS,
    action: `action settings ${SETTINGS_A.incident}`,
  },
])(
  '$name killed before every command',
  { timeout: KILLING_TIMEOUT, concurrent: true },
  ({ name, killed, action, every }) => {
    let runs: Killed | undefined;
    const done = (): Killed => {
      if (runs === undefined) throw new Error('the script was not run');
      return runs;
    };

    beforeAll(async () => {
      const host = await scratchHost();
      // A file of somebody else under our name: it has to come back byte for byte.
      await host.put(SYSCTL_FILE, 'net.netfilter.nf_conntrack_max = 262144\n', 0o600);
      runs = await killEverywhere(host, {
        killed,
        next: [[killed, rollbackA], [rollbackA], [ensureB, rollbackB, rollbackA]],
        every,
      });
    }, KILLING_TIMEOUT);

    it('leaves no file half-written, and a journal wherever it is not finished', () => {
      expect(done().whole.steps).toBeDefined();
      tellKills(name, 'On a node with a file of somebody else under our name', done());
      expectSound(done(), action, every);
    });

    it('arrives where an uninterrupted one does when it is sent again, and comes off cleanly', () => {
      for (const { at, answers } of answersOf(done(), 0)) {
        const [again, back] = answers;
        expect(['raised', 'changed', 'unchanged']).toContain(again?.outcome);
        expectState(at, again, done().whole);
        expect({ at, outcome: back?.outcome }).toEqual({ at, outcome: 'rolled-back' });
        expectState(at, back, done().start);
      }
    });

    it('leaves nothing of it behind after a rollback', () => {
      for (const { at, answers } of answersOf(done(), 1)) {
        const [back] = answers;
        // Reverted by the settling itself, or rolled back after it.
        expect([
          ['rolled-back', ''],
          ['refused', 'nothing-to-roll-back'],
        ]).toContainEqual([back?.outcome, back?.code]);
        expectState(at, back, done().start);
      }
    });

    it('is settled by a raise of another incident, and both come off', () => {
      for (const { at, answers } of answersOf(done(), 2)) {
        const [other, first, second] = answers;
        expect({
          at,
          outcome: other?.outcome,
          max: other?.state.values[MAX],
          journal: other?.state.journal,
        }).toEqual({
          at,
          outcome: 'raised',
          max: RAISE_B.toMax,
          journal: [],
        });
        expect({ at, outcome: first?.outcome }).toEqual({ at, outcome: 'rolled-back' });
        expectState(at, second, done().start);
      }
    });
  },
);

describe.runIf(canCover)(
  'a raise on top of another, killed before every command',
  { timeout: KILLING_TIMEOUT, concurrent: true },
  () => {
    it('leaves the stack whole', async () => {
      const host = await scratchHost();
      await host.run('medic-raise', RAISE_A);
      const runs = await killEverywhere(host, {
        killed: raiseB,
        next: [[rollbackB, rollbackA]],
        every: EVERY,
      });
      tellKills('raise', 'On top of the raise of another incident', runs);
      expectSound(runs, `action raise ${RAISE_B.incident}`, EVERY);
      for (const { at, answers } of answersOf(runs, 0)) {
        expectState(at, answers[0], runs.start);
        expect({ at, outcome: answers[1]?.outcome, files: answers[1]?.state.files }).toEqual({
          at,
          outcome: 'rolled-back',
          files: {},
        });
      }
    });
  },
);
