import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { main } from '../../../cli/commands.mjs';
import { catalogue } from '../../../runbooks/index.ts';
import { PAGES, typedLines } from '../../support/typed-lines.ts';

const scripts = Object.keys(
  (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }).scripts,
);

/** The single commands of a line, each as the words that a shell makes of it. */
function commandsOf(line: string): readonly (readonly string[])[] {
  return line
    .split(/\s(?:&&|\|\||[|;&<>]|2>)\s?/)
    .map((part) =>
      Array.from(
        part.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g),
        ([, single, double, plain = '']) => single ?? double ?? plain,
      ),
    )
    .filter((words) => words.length > 0);
}

const typed = PAGES.flatMap((page) =>
  typedLines(page)
    .flatMap(commandsOf)
    .map((words) => ({ page, words, command: words.join(' ') })),
);

class Understood extends Error {}

/** Whether the command line takes these words; its code is not reached. */
async function isUnderstood(words: readonly string[]): Promise<boolean> {
  // What is answered before any code is loaded, such as help, goes nowhere.
  const printed = vi.spyOn(console, 'log').mockReturnValue();
  try {
    await main(['node', 'medic', ...words], () => Promise.reject(new Understood()));
  } catch (error) {
    return error instanceof Understood;
  } finally {
    printed.mockRestore();
  }
  const isHelp = process.exitCode === undefined || process.exitCode === 0;
  process.exitCode = undefined;
  return isHelp;
}

describe('what the pages say to type', () => {
  const ours = typed.filter(
    ({ words }) => words[0] === 'medic' || (words[0] === 'npx' && words[1] === 'medic'),
  );

  it('is found', () => expect(ours.length).toBeGreaterThan(10));

  it.each(ours)('$page: medic takes $command', async ({ words }) => {
    expect(await isUnderstood(words.slice(words[0] === 'npx' ? 2 : 1))).toBe(true);
  });

  it('names scripts that package.json has', () => {
    const asked = typed.flatMap(({ words: [tool, verb, script = ''], page }) =>
      tool === 'npm' && verb === 'run' ? { page, script } : [],
    );
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter(({ script }) => !scripts.includes(script))).toEqual([]);
  });

  it('runs only tools that an npm ci brings along', () => {
    const asked = typed.flatMap(({ words: [tool, name = ''], page }) =>
      tool === 'npx' ? { page, name } : [],
    );
    expect(
      asked.filter(({ name }) => name !== 'medic' && !existsSync(join('node_modules/.bin', name))),
    ).toEqual([]);
  });
});

describe('the pages that explain', () => {
  const modes = catalogue.filter(({ id }) => id !== 'not-the-node' && id !== 'insufficient-evidence');
  const raised = modes.filter(({ remediation }) => remediation?.kind === 'raise-max').map(({ id }) => id);

  it('count the failure modes, and those that a raise helps, as they are', () => {
    const concepts = readFileSync('docs/concepts.md', 'utf8').replaceAll(/\s+/g, ' ');
    expect(concepts).toContain(`There are ${modes.length}, besides`);
    for (const id of raised) expect(concepts).toContain(`\`${id}\``);
    expect(readFileSync('docs/faq.md', 'utf8')).toContain(
      `helps against ${raised.length} of ${modes.length} failure modes`,
    );
  });
});
