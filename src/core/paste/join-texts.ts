import { readPaste } from './read-paste.ts';

/** A text with the name of the file that it was in; `undefined` where it was in none. */
export interface NamedText {
  readonly name: string | undefined;
  readonly text: string;
}

/**
 * Puts texts together that were given together, those without a name first. Where they do not all say themselves whose they
 * are, each file's name stands over its text as `head` prints it, so that `node-a.txt` and `node-b.txt` are two hosts and
 * `before.txt` and `after.txt` are one. A text of several hosts keeps to what it says itself.
 */
export function joinTexts(texts: readonly NamedText[]): string {
  const named = texts.filter(({ name }) => name !== undefined);
  const nameless = texts.filter(({ name }) => name === undefined);
  const all = [...nameless, ...named];
  const plain = all.map(({ text }) => text).join('\n');
  if (named.length < 2) return plain;
  const told = named.map(({ text }) => readPaste(text));
  const owns = told.map(({ hosts }) => hosts[0]?.host);
  const areSeveral = told.some(({ hosts, unassigned }) => hosts.length > 1 || unassigned !== undefined);
  if (areSeveral || owns.every((own) => own !== undefined)) return plain;
  const paths = withoutCommonFolders(named.map(({ name = '' }) => name));
  const headed = named.map(({ text }, index) => `==> ${paths[index]} <==\n${text}`);
  return [...nameless.map(({ text }) => text), ...headed].join('\n');
}

/** Paths without the folders that all of them are in. */
function withoutCommonFolders(paths: readonly string[]): readonly string[] {
  const parts = paths.map((path) => path.replaceAll(/\s+/g, '_').split('/'));
  let common = 0;
  while (parts.every((part) => part.length > common + 1 && part[common] === parts[0]?.[common])) common += 1;
  return parts.map((part) => part.slice(common).join('/'));
}
