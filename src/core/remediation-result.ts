import { readCapture, sectionOf } from './capture.ts';
import { wholeNumber } from './parse/key-values.ts';

/** What raise.sh or rollback.sh reported, read strictly. */
export interface RemediationResult {
  readonly kind: 'result';
  readonly outcome: 'raised' | 'unchanged' | 'rolled-back' | 'refused' | 'failed';
  /** Machine-readable reason such as `value-moved`; empty on success. */
  readonly code: string;
  /** One printable sentence from the script. */
  readonly detail: string;
  readonly max: { readonly before: number; readonly after: number } | undefined;
  readonly buckets: { readonly before: number; readonly after: number } | undefined;
  readonly count: number | undefined;
  readonly files: readonly { readonly path: string; readonly state: string }[];
  /** Other people's settings that undo ours: `/etc/sysctl.conf:3 sets 131072`. */
  readonly notCovered: readonly string[];
}

/** The output is not a complete result; what happened on the node must be found out by reading the node. */
export interface UnreadableResult {
  readonly kind: 'unreadable';
  readonly why: string;
}

const OUTCOMES = ['raised', 'unchanged', 'rolled-back', 'refused', 'failed'] as const;

/** Parses the output of a raise or rollback. Total; an output without its closing section is unreadable. */
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
    detail: (of('detail') ?? '').slice(0, 300),
    max: pair('max'),
    buckets: pair('buckets'),
    count: wholeNumber(of('count')),
    files: all('file').flatMap((value) => {
      const [, path, state] =
        /^(\/[\x21-\x7e]{1,200}) (written|restored|removed|unchanged|failed)$/.exec(value) ?? [];
      return path === undefined || state === undefined ? [] : [{ path, state }];
    }),
    notCovered: all('not_covered'),
  };
}
