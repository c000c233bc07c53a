/** How a command is looked at. */
export interface LookSettings {
  /** Most seconds between two looks. */
  readonly pollSeconds: number;
  /** After this many seconds a command counts as lost. */
  readonly patienceSeconds: number;
}

/** Seconds on top of the samples that delivery and the reading around them usually take. Our choice: a wait has whole seconds. */
const AROUND_SAMPLES_SECONDS = 1;

/** Seconds after which a collection is looked at first: before, its samples cannot be done. */
export const firstLookSeconds = (sampleSeconds: number): number => sampleSeconds + AROUND_SAMPLES_SECONDS;

/**
 * Seconds until a command is looked at again. Looks follow each other closely while the answer must be near and are spaced
 * out, up to the usual pause, for what takes long.
 * @param looks how many there were
 * @returns nothing when the command counts as lost
 */
export function secondsToNextLook(
  looks: number,
  { pollSeconds, patienceSeconds }: LookSettings,
): number | undefined {
  const pause = (look: number) => Math.min(pollSeconds, Math.ceil(look / 2));
  let waited = 0;
  for (let look = 1; look < looks; look++) waited += pause(look);
  return waited >= patienceSeconds ? undefined : pause(looks);
}
