import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { type Capture, readCapture } from '../../../src/core/capture/capture.ts';

/** Where the captures of mixed faults are: one folder a case. */
const ROOT = new URL('../../fixtures/mixed/', import.meta.url).pathname;

/** What is true of a capture in which several faults, or a fault and a distraction, come together. */
const Mixed = z.strictObject({
  origin: z.string(),
  kernel: z.string(),
  how: z.string(),
  expected: z.strictObject({
    /** Verdicts that are right, the most telling first. */
    accepted: z.array(z.string()).min(1),
    /** Whether a raise helps; `either` where both answers can be defended. */
    raise: z.union([z.boolean(), z.literal('either')]),
    /** Verdicts of which the evidence does not allow to be certain. */
    notHigh: z.array(z.string()),
  }),
  /** What the rules still get wrong here, a clause. */
  notYet: z.string().optional(),
});

export type MixedCase = z.infer<typeof Mixed> & { readonly name: string; readonly capture: Capture };

/** Every capture of mixed faults, by name. */
export function mixedCases(): readonly MixedCase[] {
  return readdirSync(ROOT).map((name) => {
    const read = (file: string) => readFileSync(join(ROOT, name, file), 'utf8');
    const capture = readCapture(read('capture.txt'));
    if (capture === undefined) throw new Error(`${name} holds no capture`);
    return { ...Mixed.parse(JSON.parse(read('case.json'))), name, capture };
  });
}
