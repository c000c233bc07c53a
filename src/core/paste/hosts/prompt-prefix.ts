import { HostNames } from './names.ts';
import { isNoName } from './words.ts';

/** What stands before a prompt that a form is known of, and the prompt. */
interface Prefixed {
  readonly words: string;
  readonly prompt: string;
}

/** `[prod] `, `(⎈|prod:default) `, `{eu} `: any text in brackets. */
const BRACKETED = /^((?:\[[^\]]{1,60}\]|\([^)]{1,60}\)|\{[^}]{1,60}\})\s*)(\S.*)$/;

/** `☁ acme-prod `, `prod | `, `prod» `, `prod `, `12:00 `, `0 `: a sign and words, or a word, before a prompt that names a host. */
const WORDS = /^((?:[^\s\w[({]{1,3}\s?)?[\w.:@/-]{1,40}\s?[|»›>:]?\s+)(\S.*)$/;

/** Words before a prompt that name a tool’s surroundings on one machine: Python’s. */
const OF_TOOL = /^(?:\.?v?env\w{0,10}|base|conda|py\w{0,10}|poetry)$/i;

/** Takes what stands before a prompt off; `isNamed` says whether only a prompt that names a host counts behind it. */
export function prefixBefore(text: string): (Prefixed & { readonly isNamed: boolean }) | undefined {
  const [, bracket, inner] = BRACKETED.exec(text) ?? [];
  if (bracket !== undefined && inner !== undefined)
    return { words: wordsIn(bracket), prompt: inner, isNamed: false };
  const [, words, prompt] = WORDS.exec(text) ?? [];
  return words === undefined || prompt === undefined
    ? undefined
    : { words: wordsIn(words), prompt, isNamed: true };
}

/** The words that may tell where a prompt is. */
export function wordsIn(text: string): string {
  const words = text.match(/[\p{L}][\p{L}\p{N}_.-]*/gu) ?? [];
  return words.filter((word) => !OF_TOOL.test(word) && !isNoName(word)).join(' ');
}

/** A user’s name that tells an environment: `prod-admin`. */
const ENVIRONMENT =
  /(?:^|[-_.])(prod|production|prd|stag|staging|stage|stg|dev|test|tst|qa|uat|live|preprod|sandbox)(?=$|[-_.])/i;

/** The environment that a prompt’s user tells, empty where none. */
export function environmentOf(user: string): string {
  return ENVIRONMENT.exec(user)?.[1]?.toLowerCase() ?? '';
}

/** A prompt’s host with the words around it. */
interface Prompt {
  readonly host: string | undefined;
  readonly prefix?: string | undefined;
}

/**
 * Calls the prompts of one host by what stands before them where that is not the same before all: a node’s name of one
 * environment is another node in another. Where it is the same, or nowhere, their names stay as they are.
 */
export function toldByPrefix<Line extends Prompt>(lines: readonly Line[]): readonly Line[] {
  const prompts = lines.filter(({ prefix }) => prefix !== undefined);
  if (prompts.every(({ prefix }) => prefix === '')) return lines;
  const names = new HostNames();
  const keyOf = ({ host }: Prompt) => (host === undefined ? '' : names.of(host));
  const prefixes = new Map<string, Set<string>>();
  for (const prompt of prompts) {
    const key = keyOf(prompt);
    prefixes.set(key, (prefixes.get(key) ?? new Set()).add(prompt.prefix ?? ''));
  }
  return lines.map((line) => {
    if (line.prefix === undefined || (prefixes.get(keyOf(line))?.size ?? 0) < 2) return line;
    const name = [line.prefix.replaceAll(/[^\w.-]+/g, '-'), line.host].filter(
      (part) => part !== undefined && part !== '',
    );
    return { ...line, host: name.length === 0 ? NAMELESS : name.join('/') };
  });
}

/** A prompt without a name beside others that have one. */
const NAMELESS = 'unnamed';
