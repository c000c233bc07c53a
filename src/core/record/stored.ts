import * as z from 'zod';

/**
 * Version of everything that is stored. A function refuses what has a higher one, and reads every lower one.
 *
 * It rises with what an older function must not pass over: a field that changes what the others mean or allow. A field that
 * an older function may carry along unread is optional and leaves it as it is. So does one more value of a closed list, such
 * as a state: an older function meets it where it stands, and refuses that record alone.
 */
export const RECORD_VERSION = 1;

/**
 * An object of the record. During a deployment, and in an incident that waits, functions of two versions work on one record:
 * what the newer one has put there besides is kept as it is, unread, and stands there again after each write.
 *
 * @returns a schema with the type of a strict object, because nothing may be done with what is carried along
 */
export const stored = <S extends z.core.$ZodLooseShape>(shape: S): ReturnType<typeof z.strictObject<S>> =>
  // The type alone says less than what is there: an index of unknown fields would let every misspelt one pass.
  z.looseObject(shape);
