import { catalogue } from '../../../runbooks/index.ts';
import {
  type DiagnosedHost,
  diagnoseHosts,
} from '../../../src/core/diagnosis/single-reading/diagnose-hosts.ts';
import { type PastedHost, readPaste } from '../../../src/core/paste/read-paste.ts';
import type { Diagnosis } from '../../../src/core/record/diagnosis.ts';

/**
 * Reads a paste of one host that has to hold something.
 *
 * @throws Error when nothing is recognised, or more than one host
 */
export function pasteOf(text: string): PastedHost {
  const { hosts, unassigned } = readPaste(text);
  const [only, ...others] = hosts;
  if (only === undefined || others.length > 0 || unassigned !== undefined)
    throw new Error(`${hosts.length} hosts recognised instead of one`);
  return only;
}

/** Diagnoses a paste of one host with the whole catalogue. */
export function diagnosedPaste(text: string): Diagnosis {
  const [only, ...others] = diagnosedHosts(text);
  if (only === undefined || others.length > 0) throw new Error('not one host');
  return only.diagnosis;
}

/** Diagnoses each host of a paste with the whole catalogue, the most severe first. */
export function diagnosedHosts(text: string): readonly DiagnosedHost[] {
  return diagnoseHosts(readPaste(text), catalogue, 'i-1');
}
