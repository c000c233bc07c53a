import { splitByHost } from '../../../src/core/paste/hosts/split.ts';
import { pasteLines } from '../../../src/core/paste/paste-line.ts';
import { SHAPES } from '../../../src/core/paste/shapes.ts';
import { spelledOut } from '../../../src/core/paste/short-forms.ts';

const NO_CONTEXT = { isFilter: false, isPod: false, wait: undefined };

/** Which of the known shapes at least one of the texts has, and which none of them has. */
export function recognisersUsed(texts: readonly string[]): { readonly missing: readonly string[] } {
  const used = new Set<string>();
  const parts = texts.flatMap((text) => {
    const { hosts, unassigned } = splitByHost(spelledOut(pasteLines(text)));
    return [...hosts.map(({ lines }) => lines), unassigned];
  });
  for (const lines of parts) {
    let command = '';
    for (const [at, line] of lines.entries()) {
      if (line.command !== undefined) {
        ({ command } = line);
        continue;
      }
      const shape = SHAPES.find(
        (recognise) => recognise(lines, at, { ...NO_CONTEXT, command }) !== undefined,
      );
      if (shape !== undefined) used.add(shape.name);
    }
  }
  return { missing: SHAPES.map(({ name }) => name).filter((name) => !used.has(name)) };
}
