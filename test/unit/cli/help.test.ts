import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { medic } from '../support/medic.ts';

const help = async (...args: readonly string[]) => (await medic([...args, '--help'])).out;

/** Every command that help lists. */
const listed = async () =>
  [...(await help()).matchAll(/^ {2}([a-z-]+) [[<]/gm)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'help');

/** What help gives as calls, without the shell around them. */
const callsIn = (text: string) => Array.from(text.matchAll(/^ {2}\$ (.+)$/gm), ([, call = '']) => call);

const EXIT_CODES = /^Exit codes:\n {2}0 {2}\S.*\n {2}1 {2}\S.*\n {2}2 {2}\S/m;

describe('the help of every command', () => {
  it('has two examples, which call it, and the exit codes', async () => {
    const commands = (await listed()).filter((name) => name !== 'demo');
    expect(commands.length).toBeGreaterThan(9);
    for (const name of commands) {
      const text = await help(name);
      const calls = callsIn(text);
      expect(calls).toHaveLength(2);
      for (const call of calls) expect(call).toMatch(new RegExp(`\\bmedic ${name}\\b`));
      expect(text).toMatch(EXIT_CODES);
    }
    expect(callsIn(await help())).toHaveLength(2);
    expect(await help()).toMatch(EXIT_CODES);
  });

  it('names only options that the command has', async () => {
    for (const name of (await listed()).filter((one) => one !== 'demo')) {
      const text = await help(name);
      const [options = ''] = /^Options:\n(?: .*\n)+/m.exec(text) ?? [];
      const used = callsIn(text).flatMap((call) => call.match(/(?<= )--[a-z-]+/g) ?? []);
      expect(used.filter((option) => !options.includes(option))).toEqual([]);
    }
  });

  it('is told of each command, and its exit codes, on the page of the command line too', async () => {
    const page = readFileSync('docs/cli.md', 'utf8');
    const missing = (await listed()).filter((name) => !page.includes(`| \`${name}\` |`));
    expect(missing).toEqual([]);
    const codes = Array.from((await help()).matchAll(/^ {2}(\d) {2}/gm), ([, code = '']) => code);
    expect(codes.filter((code) => !page.includes(`| ${code} |`))).toEqual([]);
  });
});

it('the version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(await medic(['--version'])).toEqual({ status: 0, out: `${version}\n`, error: '' });
});
