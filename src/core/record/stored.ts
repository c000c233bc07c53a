import * as z from 'zod';

/**
 * Version of what is stored, unless it says more than that allows. A function refuses what has a higher one than it knows, and
 * reads every lower one.
 *
 * It rises with what an older function must not pass over: a field that changes what the others mean or allow. A field that
 * an older function may carry along unread is optional and leaves it as it is. So does one more value of a closed list, such
 * as a state: an older function meets it where it stands, and refuses that record alone.
 */
export const RECORD_VERSION = 1;

/** Version of a head that does not hold all its steps any more: who does not know that takes what is left for everything. */
export const MOVED_STEPS_VERSION = 2;

/** Version of a head that does not hold all its decisions any more: who counts them to number the next one gives a number twice. */
export const MOVED_ROUNDS_VERSION = 3;

/** Version of a head that has taken in other alarms: who knows only its own one ends it while the others fire. */
export const JOINED_VERSION = 4;

/** The highest version that this one reads. */
export const NEWEST_VERSION = Math.max(
  RECORD_VERSION,
  MOVED_STEPS_VERSION,
  MOVED_ROUNDS_VERSION,
  JOINED_VERSION,
);

/**
 * An object of the record. During a deployment, and in an incident that waits, functions of two versions work on one record:
 * what the newer one has put there besides is kept as it is, unread, and stands there again after each write.
 *
 * @returns a schema with the type of a strict object, because nothing may be done with what is carried along
 */
export const stored = <S extends z.core.$ZodLooseShape>(shape: S): ReturnType<typeof z.strictObject<S>> =>
  // The type alone says less than what is there: an index of unknown fields would let every misspelt one pass.
  z.looseObject(shape);
