/** Words of the shell that start no command of their own, or that one follows. */
const BEFORE_A_COMMAND = new Set(['do', 'then', 'else', 'elif', 'if', 'while', 'until', '!', '{', 'time']);
const NO_COMMAND = new Set(['done', 'fi', '}', 'esac']);

/** One simple command: its words, and whether one of them was quoted, in their order. */
type Command = readonly string[];

/**
 * The programs that a script for the shell starts, those behind `timeout`, `nsenter`, `sh -c` and the like included. It
 * knows as much of the shell as the runbooks use: quotes, substitutions, pipes, lists, loops over words.
 */
export function programsIn(script: string): readonly string[] {
  const found = new Set<string>();
  for (const command of commandsIn(script)) addPrograms(command, found);
  return [...found];
}

function addPrograms(words: Command, found: Set<string>): void {
  const [first, ...rest] = words;
  if (first === undefined || NO_COMMAND.has(first)) return;
  if (BEFORE_A_COMMAND.has(first) || /^[A-Za-z_]\w*=/.test(first)) return addPrograms(rest, found);
  if (first === 'for') return;
  found.add(first);
  if (first === 'timeout') return addPrograms(rest.slice(1), found);
  if (first === 'nsenter') return addPrograms(afterOptions(rest, '-t'), found);
  if (first === 'kubectl' && rest.includes('--')) return;
  if (first === 'sh' || first === 'bash') {
    const script = rest[rest.indexOf('-c') + 1];
    if (script !== undefined) for (const program of programsIn(script)) found.add(program);
  }
}

/** What follows the options of a program; `valued` is the one that takes a value. */
function afterOptions(words: Command, valued: string): Command {
  const [first, ...rest] = words;
  if (first === undefined || !first.startsWith('-')) return words;
  return afterOptions(first === valued ? rest.slice(1) : rest, valued);
}

/** Splits a script into its simple commands, those of substitutions among them. */
function commandsIn(script: string): readonly Command[] {
  const commands: string[][] = [];
  let words: string[] = [];
  let word: string | undefined;
  const endWord = () => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  const endCommand = () => {
    endWord();
    if (words.length > 0) commands.push(words);
    words = [];
  };
  for (let at = 0; at < script.length; at++) {
    const character = script[at] ?? '';
    const rest = script.slice(at);
    const redirection = /^\d?(?:>>?|<)(?:&\d|\s*[^\s;|&)]+)/.exec(rest)?.[0];
    if (rest.startsWith('\\\n')) at++;
    else if (character === "'") {
      const end = script.indexOf("'", at + 1);
      word = (word ?? '') + script.slice(at + 1, end);
      at = end;
    } else if (character === '"') {
      const end = endOfDouble(script, at);
      const inner = script.slice(at + 1, end);
      for (const substituted of substitutionsIn(inner))
        commands.push(...commandsIn(substituted).map((one) => [...one]));
      word = (word ?? '') + inner;
      at = end;
    } else if (rest.startsWith('$((')) {
      const end = endOfGroup(script, at + 1);
      word = (word ?? '') + script.slice(at, end + 1);
      at = end;
    } else if (rest.startsWith('$(')) {
      const end = endOfGroup(script, at + 1);
      commands.push(...commandsIn(script.slice(at + 2, end)).map((one) => [...one]));
      word = `${word ?? ''}$()`;
      at = end;
    } else if (redirection !== undefined && (word === undefined || /^\D/.test(redirection))) {
      endWord();
      at += redirection.length - 1;
    } else if (character === '#' && word === undefined) {
      at += /^[^\n]*/.exec(rest)?.[0].length ?? 0;
      endCommand();
    } else if (/[\n;|&()]/.test(character)) endCommand();
    else if (/\s/.test(character)) endWord();
    else word = (word ?? '') + character;
  }
  endCommand();
  return commands;
}

function endOfDouble(script: string, start: number): number {
  for (let at = start + 1; at < script.length; at++) {
    if (script[at] === '\\') at++;
    else if (script.startsWith('$(', at)) at = endOfGroup(script, at + 1);
    else if (script[at] === '"') return at;
  }
  return script.length;
}

/** Where the bracket at `start` is closed; quotes hold brackets of their own. */
function endOfGroup(script: string, start: number): number {
  let depth = 0;
  for (let at = start; at < script.length; at++) {
    if (script[at] === "'") at = script.indexOf("'", at + 1);
    else if (script[at] === '"') at = endOfDouble(script, at);
    else if (script[at] === '(') depth++;
    else if (script[at] === ')' && --depth === 0) return at;
  }
  return script.length;
}

function substitutionsIn(text: string): readonly string[] {
  const found: string[] = [];
  for (let at = text.indexOf('$('); at !== -1; at = text.indexOf('$(', at + 2)) {
    if (text.startsWith('$((', at)) continue;
    found.push(text.slice(at + 2, endOfGroup(text, at + 1)));
  }
  return found;
}
