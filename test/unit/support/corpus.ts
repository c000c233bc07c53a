import { readdirSync, readFileSync } from 'node:fs';
import * as z from 'zod';

const ROOT = new URL('../../fixtures/corpus/', import.meta.url);

/** A case from a public thread: what was pasted there and what it turned out to be. */
const FieldCase = z.strictObject({
  id: z.string(),
  /** Thread as owner/repo#number, or the title of an article. */
  source: z.string(),
  kernel: z.string().optional(),
  /** Lines as they were pasted, host names and public addresses replaced. */
  pasted: z.array(z.string()).optional(),
  /** Facts retold without any tool's output. Never given to the product. */
  told: z.string().optional(),
  expected: z.strictObject({
    /** What was wrong in the end. */
    verdict: z.string(),
    /** Verdicts that are right on what was pasted alone. */
    accepted: z.array(z.string()).min(1),
    contributing: z.array(z.string()),
    /** Whether a larger table would have ended the story. */
    raiseHelps: z.union([z.boolean(), z.literal('unknown')]),
    /** How sure the label is. */
    labelConfidence: z.string(),
  }),
  why: z.string(),
  /** What the rules still get wrong here, a clause. */
  notYet: z.string().optional(),
});
export type FieldCase = z.infer<typeof FieldCase>;

/** Every field case, by id. */
export function fieldCases(): readonly FieldCase[] {
  return readdirSync(ROOT)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => FieldCase.parse(JSON.parse(readFileSync(new URL(name, ROOT), 'utf8'))));
}

/** The cases that have tools' output, joined as one would paste it. */
export function pastedCases(): readonly (FieldCase & { readonly text: string })[] {
  return fieldCases().flatMap((one) =>
    one.pasted === undefined ? [] : [{ ...one, text: `${one.pasted.join('\n')}\n` }],
  );
}
