// @ts-check
import { readdirSync } from 'node:fs';

/** @import { Command } from 'commander' */

/** The command that shells ask while somebody types. */
const COMPLETE = 'complete';

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
  const [{ default: tab }, { ShellCompDirective }] = await Promise.all([
    import('@bomb.sh/tab/commander'),
    import('@bomb.sh/tab'),
  ]);
  const completion = tab(program);
  completion.commands.get('runbook')?.argument('mode', (add) => {
    for (const mode of modes()) add(mode, '');
  });
  const typed = argv.slice(argv.indexOf('--') + 1);
  // The library itself never lets a shell look for files.
  Object.defineProperty(completion, 'directive', {
    get: () =>
      completion.completions.length === 0 && takesFile(typed)
        ? ShellCompDirective.ShellCompDirectiveDefault
        : ShellCompDirective.ShellCompDirectiveNoFileComp,
    set: () => {},
  });
  if (argv[3] === 'bash') program.hook('postAction', () => void process.stdout.write(FOR_BASH));
}

/**
 * What the library's script for bash lacks: it needs a function of the package bash-completion, which is not everywhere, and it
 * has to be told that files are completed where nothing else is.
 */
const FOR_BASH = `
declare -F _get_comp_words_by_ref >/dev/null || _get_comp_words_by_ref() {
    cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD
}
complete -o default -F __medic_complete medic
`;

/**
 * Whether the word that is being typed is the name of a file.
 *
 * @param {readonly string[]} typed all words behind `medic`, the one that is being typed last
 */
function takesFile(typed) {
  return typed.at(-2) === '--from' || ((typed[0] === 'diagnose' || typed[0] === 'plan') && typed.length > 1);
}

/** The failure modes by their folders. */
function modes() {
  return readdirSync(new URL('../../runbooks/', import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'))
    .map(({ name }) => name);
}
