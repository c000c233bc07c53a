import { catalogue } from '../../../runbooks/index.ts';
import {
  type DiagnosedPaste,
  diagnosePaste,
} from '../../../src/core/diagnosis/single-reading/diagnose-paste.ts';
import { type Paste, readPaste } from '../../../src/core/paste/read-paste.ts';

/**
 * Reads a paste that has to hold something.
 *
 * @throws Error when nothing is recognised
 */
export function pasteOf(text: string): Paste {
  const paste = readPaste(text);
  if (paste === undefined) throw new Error('nothing recognised');
  return paste;
}

/** Diagnoses a paste with the whole catalogue. */
export function diagnosedPaste(text: string): DiagnosedPaste['diagnosis'] {
  return diagnosePaste(pasteOf(text).capture, catalogue, 'i-1').diagnosis;
}
