import { describe, expect, it } from 'vitest';
import { starterOf } from '../../../local/demo/starter.ts';

/** Processes as child, parent, command. */
const table = (...rows: readonly (readonly [number, number, string])[]) =>
  new Map(rows.map(([pid, parent, command]) => [pid, { parent, command }]));

const MACHINE = [
  [1, 0, '/sbin/init'],
  [10, 1, '/usr/bin/gnome-terminal'],
  [20, 10, 'bash'],
] as const;
const TSX = 'node /app/node_modules/.bin/tsx local/demo.ts';
const DEMO = '/usr/bin/node --import file:///app/node_modules/tsx/dist/loader.mjs local/demo.ts';

describe('who a demo ends with', () => {
  it('is everybody up to the npm that started it, and nobody above', () => {
    const all = table(
      ...MACHINE,
      [30, 20, 'npm run demo'],
      [31, 30, 'sh -c tsx local/demo.ts'],
      [32, 31, TSX],
      [33, 32, DEMO],
    );
    expect(starterOf(33, all, true)).toEqual([
      [33, 32],
      [32, 31],
      [31, 30],
    ]);
  });

  it('is everybody up to the npx that started it', () => {
    const all = table(
      ...MACHINE,
      [30, 20, 'npm exec medic demo'],
      [31, 30, "sh -c 'medic' demo"],
      [32, 31, 'node /x/.bin/medic demo'],
      [33, 32, DEMO],
    );
    expect(starterOf(33, all, true)).toHaveLength(3);
  });

  it('is an npm that runs as the first process of a container', () => {
    expect(starterOf(9, table([1, 0, 'npm run demo'], [9, 1, DEMO]), true)).toEqual([[9, 1]]);
  });

  it('is known by its file where npm has not named itself', () => {
    const all = table(
      ...MACHINE,
      [30, 20, '/usr/bin/node /usr/lib/node_modules/npm/bin/npm-cli.js run demo'],
      [33, 30, DEMO],
    );
    expect(starterOf(33, all, true)).toEqual([[33, 30]]);
  });

  it('is gone when an npm has to be there and is not', () => {
    expect(starterOf(33, table(...MACHINE, [32, 1, TSX], [33, 32, DEMO]), true)).toBeUndefined();
  });

  it('is no more than Node where no npm was in it, never the shell', () => {
    expect(starterOf(33, table(...MACHINE, [32, 20, TSX], [33, 32, DEMO]), false)).toEqual([[33, 32]]);
    expect(starterOf(33, table(...MACHINE, [33, 20, DEMO]), false)).toEqual([]);
  });

  it('is nobody where the system does not tell', () => {
    expect(starterOf(33, table(), true)).toEqual([]);
  });
});
