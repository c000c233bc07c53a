import type * as z from 'zod';
import { faultsOf } from '../../core/faults.ts';
import { UnreadableAlarmError } from '../errors.ts';

/**
 * What another system sent, as the schema has it.
 * @param refusal the sentence for what does not fit, without the fault and the full stop at its end
 * @throws UnreadableAlarmError with that sentence and the first fault
 */
export function readAlarm<S extends z.ZodType>(schema: S, value: unknown, refusal: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const first = faultsOf({ issues: parsed.error.issues.slice(0, 1) }, value);
  throw new UnreadableAlarmError(`${refusal}: ${first}.`, { cause: parsed.error });
}
