import { capital, withoutNode, withoutStop } from '../words.ts';

/** What stands in front of a sentence on one node. */
const NODE = /^(m?i-[\w-]+): /;

/**
 * Joins sentences, each ending in exactly one full stop; empty ones are left out. What follows a sentence on a node and is
 * about the same one does not name it again.
 */
export function sentences(...parts: readonly string[]): string {
  let about: string | undefined;
  return parts
    .flatMap((text) => {
      if (text === '') return [];
      const node = NODE.exec(text)?.[1];
      const isSame = node !== undefined && node === about;
      about = node;
      return [`${withoutStop(isSame ? capital(withoutNode(node, text)) : text)}.`];
    })
    .join(' ');
}
