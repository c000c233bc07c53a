import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Capture } from '../../../src/core/capture/capture.ts';
import { readCapture } from '../../../src/core/capture/capture.ts';
import { readFolder } from '../../../src/core/capture/read-folder.ts';
import { FailureModeId, type Finding } from '../../../src/core/record/diagnosis.ts';
import { REMEDIATION_KINDS } from '../../../src/core/record/plan.ts';

/** Where the recorded captures are: one folder a failure mode, in it one folder a case. */
const ROOT = new URL('../../fixtures/captures/', import.meta.url).pathname;

/** What a case is and what its diagnosis has to be. */
const Case = z.looseObject({
  origin: z.string(),
  expected: z.strictObject({
    verdict: z.string(),
    acceptable: z.array(z.string()).optional(),
    raise: z.boolean(),
    /** Kind of the change that is offered, where it is no raise. */
    change: z.enum(REMEDIATION_KINDS).optional(),
  }),
  /** What each failure mode has to be here. One that is not listed must not be present. */
  modes: z.strictObject({
    present: z.array(FailureModeId),
    absent: z.array(FailureModeId),
    unknown: z.array(FailureModeId),
  }),
});

export interface RecordedCase {
  readonly mode: string;
  readonly name: string;
  readonly folder: string;
  readonly expected: z.infer<typeof Case>['expected'];
  readonly modes: z.infer<typeof Case>['modes'];
  readonly capture: Capture;
}

/** Every recorded case with its capture. */
export function recordedCases(): readonly RecordedCase[] {
  return readdirSync(ROOT).flatMap((mode) =>
    readdirSync(join(ROOT, mode)).map((name) => {
      const folder = join(ROOT, mode, name);
      const { expected, modes } = Case.parse(JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')));
      return { mode, name, folder, expected, modes, capture: captureIn(folder) };
    }),
  );
}

/** What findings say otherwise than a case, a clause a mode; empty when they agree. */
export function contradictions(
  { modes }: Pick<RecordedCase, 'modes'>,
  findings: readonly Pick<Finding, 'mode' | 'state'>[],
): readonly string[] {
  const listed = new Map<string, Finding['state']>([
    ...modes.present.map((mode) => [mode, 'present'] as const),
    ...modes.absent.map((mode) => [mode, 'absent'] as const),
    ...modes.unknown.map((mode) => [mode, 'unknown'] as const),
  ]);
  return findings.flatMap(({ mode, state }) => {
    const wanted = listed.get(mode);
    if (wanted === undefined) return state === 'present' ? [`${mode} is present and not listed`] : [];
    return state === wanted ? [] : [`${mode} is ${state}, not ${wanted}`];
  });
}

function captureIn(folder: string): Capture {
  const names = readdirSync(folder);
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const capture = names.includes('capture.txt')
    ? readCapture(read('capture.txt'))
    : readFolder(
        new Map(names.filter((name) => /^(before|after)\./.test(name)).map((name) => [name, read(name)])),
      );
  if (capture === undefined) throw new Error(`${folder} holds no capture`);
  return capture;
}

/** The text of a capture as the collector prints it, from sections. */
export function collectorOutput(
  sections: readonly (readonly [header: string, body: string])[],
  nonce = 'a1b2c3d4e5f6a7b8',
): string {
  return [...sections, ['end - ok 112.00', ''] as const]
    .map(([header, body]) => `=== medic/1 ${nonce} ${header}\n${body}`)
    .join('\n');
}
