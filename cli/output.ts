import { randomUUID } from 'node:crypto';
import { styleText } from 'node:util';
import { printable, printableJson } from '../src/core/printable.mjs';

// What is bold is marked by words that nobody can know beforehand: escape sequences of others are spelt out like all the rest.
const [BEGIN, END] = [randomUUID(), randomUUID()];
const BOLD = new RegExp(`${BEGIN}(.*?)${END}`, 'gs');

/** Marks text to be printed in bold, where the terminal shows it. */
export const bold = (text: string): string => `${BEGIN}${text}${END}`;

/** Prints text for people: the one way of a command to standard output, which nothing passes that acts on a terminal. */
export function print(text: string): void {
  const styled = printable(text).replaceAll(BOLD, (_all, inner: string) => styleText('bold', inner));
  process.stdout.write(styled);
}

/** Prints values as JSON, one after the other. */
export function printJson(...values: readonly unknown[]): void {
  process.stdout.write(values.map((value) => `${printableJson(value)}\n`).join(''));
}
