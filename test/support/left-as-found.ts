import { afterAll, beforeAll } from 'vitest';

/** What a process has once and the next test file finds again, where files share a process; by name. */
function shared(): ReadonlyMap<string, unknown> {
  const variables = Object.entries(process.env)
    // Vitest's own differ from file to file.
    .filter(([name]) => !name.startsWith('VITEST'))
    .map(([name, value]) => [`variable ${name}`, value] as const);
  return new Map<string, unknown>([
    // Vitest keeps the object that it found: what a test takes out of another one stays in this one.
    ['process.env itself', process.env],
    ['exit code', process.exitCode],
    ['working directory', process.cwd()],
    ['fetch', globalThis.fetch],
    ['setTimeout', globalThis.setTimeout],
    ['standard output', Reflect.get(process.stdout, 'write')],
    ['standard error', Reflect.get(process.stderr, 'write')],
    ...variables,
  ]);
}

let found: ReadonlyMap<string, unknown>;
beforeAll(() => {
  found = shared();
});
afterAll(() => {
  const left = shared();
  const names = new Set([...found.keys(), ...left.keys()]);
  // Names alone: a variable may hold a secret of the machine's.
  const changed = [...names].filter((name) => found.get(name) !== left.get(name));
  if (changed.length > 0) throw new Error(`This file changed and did not put back: ${changed.join(', ')}.`);
});
