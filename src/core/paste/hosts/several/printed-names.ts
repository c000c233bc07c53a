import type { PasteLine } from '../../paste-line.ts';
import { hostLoopOf } from '../commands.ts';
import { isHostLike, plainName } from '../names.ts';

/** What prints a name and goes on in the same line. */
const SAME_LINE = /\bprintf\s|\becho\s+-\w{0,2}n\w{0,2}\s/;

/** A name, and the first of what a command printed behind it. */
const NAMED = /^\s*([A-Za-z0-9][\w.-]{0,120})(?:\s?[:=|-]|\s?=>|\t)?\s+(\S.*)$/;

/**
 * Takes the name off that a loop over hosts printed in front of each host’s first line (`printf "%s " $h; ssh $h …`), and
 * gives that line and those below it to the host.
 */
export function printedNames(lines: readonly PasteLine[]): readonly PasteLine[] {
  let names: readonly string[] | undefined;
  let host: string | undefined;
  return lines.map((line) => {
    if (line.command !== undefined) {
      host = undefined;
      const loop = SAME_LINE.test(line.command) ? hostLoopOf(line.command) : undefined;
      names = loop === undefined ? undefined : (loop.names ?? []);
      return line;
    }
    if (names === undefined || line.host !== undefined) return line;
    const [, word = '', rest = ''] = NAMED.exec(line.text) ?? [];
    const name = plainName(word);
    const isName = word !== '' && (names.length > 0 ? names.includes(name) : isHostLike(name));
    if (isName) host = name;
    return host === undefined ? line : { ...line, host, text: isName ? rest : line.text };
  });
}
