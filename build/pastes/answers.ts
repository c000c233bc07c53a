import { catalogue } from '../../runbooks/index.ts';
import { diagnoseHosts } from '../../src/core/diagnosis/single-reading/diagnose-hosts.ts';
import { readPaste } from '../../src/core/paste/read-paste.ts';
import { seenLines } from '../../src/core/paste/told.ts';
import type { Diagnosis } from '../../src/core/record/diagnosis.ts';

/** What `medic diagnose` says of one host or node, short. */
export interface Answer {
  /** Its name; `undefined` where the text is of one host. */
  readonly host: string | undefined;
  readonly diagnosis: Diagnosis;
  /** What was recognised, with its telling numbers, a line each. */
  readonly seen: readonly string[];
}

/** The answer to a pasted text, one a host, the most severe first. */
export function answersTo(text: string): readonly Answer[] {
  const hosts = diagnoseHosts(readPaste(text), catalogue, 'this node');
  return hosts.map(({ host, diagnosis }) => ({
    host: hosts.length > 1 ? (host.host ?? 'what names no host') : undefined,
    diagnosis,
    seen: seenLines(host.seen),
  }));
}
