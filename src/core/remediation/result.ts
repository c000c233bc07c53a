import { readCapture, sectionOf } from '../capture/capture.ts';
import { wholeNumber } from '../parse/key-values.ts';
import { groupNumbers } from '../words.ts';

/** What a script that changes nodes reported, read strictly. */
export interface RemediationResult {
  readonly kind: 'result';
  readonly outcome: 'raised' | 'changed' | 'unchanged' | 'rolled-back' | 'refused' | 'failed';
  /** Machine-readable reason such as `value-moved`; empty on success. */
  readonly code: string;
  /** One printable sentence from the script, its numbers written as everywhere else. */
  readonly detail: string;
  readonly max: { readonly before: number; readonly after: number } | undefined;
  readonly buckets: { readonly before: number; readonly after: number } | undefined;
  readonly count: number | undefined;
  /** Other settings before and after, by their full sysctl names. */
  readonly values: readonly { readonly key: string; readonly before: number; readonly after: number }[];
  /** How many entries were deleted. */
  readonly deleted: number | undefined;
  readonly files: readonly { readonly path: string; readonly state: string }[];
  /** Other people's settings that undo ours: `/etc/sysctl.conf:3 sets 131,072`. */
  readonly notCovered: readonly string[];
}

/** The output is not a complete result; what happened on the node must be found out by reading the node. */
export interface UnreadableResult {
  readonly kind: 'unreadable';
  readonly why: string;
}

const OUTCOMES = ['raised', 'changed', 'unchanged', 'rolled-back', 'refused', 'failed'] as const;

/** Parses the output of a change or a rollback. Total; an output without its closing section is unreadable. */
export function parseRemediationResult(text: string, nonce: string): RemediationResult | UnreadableResult {
  const capture = readCapture(text, nonce);
  const section = capture === undefined ? undefined : sectionOf(capture, 'result');
  if (capture === undefined || section === undefined)
    return { kind: 'unreadable', why: 'the script returned no result section' };
  if (!capture.complete) return { kind: 'unreadable', why: 'the result was cut off' };
  const lines = section.text.split('\n').flatMap((line) => {
    const [, key, value] = /^([a-z_.]{1,20})=([\x20-\x7e]{0,400})$/.exec(line) ?? [];
    return key === undefined || value === undefined ? [] : [{ key, value }];
  });
  const of = (key: string) => lines.find((line) => line.key === key)?.value;
  const all = (key: string) => lines.filter((line) => line.key === key).map((line) => line.value);
  const outcome = OUTCOMES.find((name) => name === of('outcome'));
  if (outcome === undefined) return { kind: 'unreadable', why: 'the result names no known outcome' };
  const pair = (name: string) => {
    const [before, after] = [wholeNumber(of(`${name}.before`)), wholeNumber(of(`${name}.after`))];
    return before === undefined || after === undefined ? undefined : { before, after };
  };
  return {
    kind: 'result',
    outcome,
    code: /^[a-z-]{0,40}$/.test(of('code') ?? '') ? (of('code') ?? '') : '',
    detail: groupNumbers((of('detail') ?? '').slice(0, 300)),
    max: pair('max'),
    buckets: pair('buckets'),
    count: wholeNumber(of('count')),
    values: all('value').flatMap((value) => {
      const [, key, before, after] = /^([a-z0-9_.]{1,80}) (\d{1,10}) (\d{1,10})$/.exec(value) ?? [];
      return key === undefined ? [] : [{ key, before: Number(before), after: Number(after) }];
    }),
    deleted: wholeNumber(of('deleted')),
    files: all('file').flatMap((value) => {
      const [, path, state] =
        /^(\/[\x21-\x7e]{1,200}) (written|restored|removed|unchanged|failed)$/.exec(value) ?? [];
      return path === undefined || state === undefined ? [] : [{ path, state }];
    }),
    notCovered: all('not_covered').map(groupNumbers),
  };
}
