import type { Diagnosed } from '../record/collection.ts';
import type { SettingChange } from '../record/plan.ts';
import { runningValue, shortKey } from '../record/settings.ts';
import { show } from '../words.ts';

/**
 * What keeps changed settings from being in force, as one sentence; `undefined` when all are.
 *
 * @param atLeast the kernel may round a value up, as it does with buckets
 */
export function settingsNotInForce(
  changes: readonly SettingChange[],
  { figures }: Diagnosed,
  { atLeast = false }: { readonly atLeast?: boolean } = {},
): string | undefined {
  for (const { key, to } of changes) {
    const value = runningValue(figures, key);
    if (value === undefined) return `${shortKey(key)} could not be read, so the change is not verified.`;
    if (atLeast ? value < to : value !== to) return `${shortKey(key)} is ${show(value)}, not ${show(to)}.`;
  }
  return undefined;
}

/** `gc_thresh3 4,096, gc_thresh2 2,048`: the values that are in force. */
export function valuesInForce(changes: readonly SettingChange[], { figures }: Diagnosed): string {
  return changes
    .map(({ key, to }) => `${shortKey(key)} ${show(runningValue(figures, key) ?? to)}`)
    .join(', ');
}
