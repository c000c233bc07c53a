// @ts-check
import { inspect } from 'node:util';
import { printable } from '../../src/core/printable.mjs';
import { endProgress } from './progress.mjs';

/** Exit status for what can't be used or reached, told in one sentence on standard error. */
export const NOT_DONE = 2;

/** Exit status of a fault of our own. */
const FAULT = 1;

/**
 * Tells what went wrong in one sentence on standard error, whatever it is, and sets the exit status. What nobody foresaw has a
 * sentence too; where in the code it was stands below it only where `MEDIC_DEBUG` asks for that.
 *
 * @param {unknown} error
 */
export function tellFault(error) {
  endProgress();
  const { message, status } = sentenceOf(error);
  process.stderr.write(`medic: ${printable(message)}\n`);
  if (process.env['MEDIC_DEBUG']) process.stderr.write(`${printable(inspect(error))}\n`);
  process.exitCode = status;
}

/**
 * Whether an error is of the world and not of our code: it has a sentence of its own, or the system refused something.
 *
 * @param {unknown} error
 */
export const isForeseen = (error) => isSentence(error) || isOfSystem(error);

/**
 * By its mark and not by class: MedicError is TypeScript, which is not loaded for help.
 *
 * @param {unknown} error
 * @returns {error is Error}
 */
const isSentence = (error) => error instanceof Error && 'isSentence' in error;

/**
 * @param {unknown} error
 * @returns {error is Error}
 */
const isOfSystem = (error) => error instanceof Error && 'syscall' in error && 'code' in error;

/**
 * @param {unknown} error
 * @returns {{ readonly message: string, readonly status: number }}
 */
function sentenceOf(error) {
  if (isSentence(error)) return { message: error.message, status: NOT_DONE };
  if (isOfSystem(error))
    return {
      message: `The system refused something (${oneLine(error.message)}); check paths, ports and permissions.`,
      status: NOT_DONE,
    };
  return {
    message: `Something went wrong that medic has no words for (${oneLine(error instanceof Error ? `${error.name}: ${error.message}` : String(error))}); report it with what was run, and MEDIC_DEBUG=1 prints where it was.`,
    status: FAULT,
  };
}

const MAX_CHARS = 300;

/** @param {string} text */
const oneLine = (text) => text.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_CHARS);
