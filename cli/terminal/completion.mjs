// @ts-check
import { readdirSync } from 'node:fs';
/** @import { Command } from 'commander' */

/** The command that shells ask while somebody types. */
export const COMPLETE = 'complete';

/**
 * Completion for bash, zsh and fish (@bomb.sh/tab). Its code walks all commands, so it is loaded only for a shell that asks.
 *
 * @param {Command} program with every other command in it
 * @param {readonly string[]} argv as `process.argv`
 */
export async function addCompletion(program, argv) {
  if (argv[2] !== COMPLETE || argv.includes('--help') || argv.includes('-h')) {
    program
      .command(COMPLETE)
      .description('print what completes commands and options in a shell')
      .argument('<shell>', 'bash, zsh or fish');
    return;
  }
  const { default: tab } = await import('@bomb.sh/tab/commander');
  const completion = tab(program);
  completion.commands.get('runbook')?.argument('mode', (add) => {
    for (const mode of modes()) add(mode, '');
  });
}

/** The failure modes by their folders. */
function modes() {
  return readdirSync(new URL('../../runbooks/', import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'))
    .map(({ name }) => name);
}
