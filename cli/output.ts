import { randomUUID } from 'node:crypto';
import { styleText } from 'node:util';
import { printable, printableJson } from '../src/core/printable.mjs';
import { endProgress } from './terminal/progress.mjs';

// What is bold is marked by words that nobody can know beforehand: escape sequences of others are spelt out like all the rest.
const [BEGIN, END] = [randomUUID(), randomUUID()];
const BOLD = new RegExp(`${BEGIN}(.*?)${END}`, 'gs');

/** Marks text to be printed in bold, where the terminal shows it. */
export const bold = (text: string): string => `${BEGIN}${text}${END}`;

/** Prints text for people: the one way of a command to standard output, which nothing passes that acts on a terminal. */
export function print(text: string): void {
  const styled = printable(text).replaceAll(BOLD, (_all, inner: string) => styleText('bold', inner));
  endProgress();
  process.stdout.write(styled);
}

/** Prints one value as JSON. */
export function printJson(value: unknown): void {
  endProgress();
  process.stdout.write(`${printableJson(value)}\n`);
}

/** Prints what a machine said: byte for byte into a file or a pipe, where it is read again, and on a terminal like all text. */
export function printRaw(text: string): void {
  endProgress();
  process.stdout.write(process.stdout.isTTY ? printable(text) : text);
}
