import { withMembers } from '../with-members.ts';
import { isOutage } from './outage.ts';

/** For how long an outage is outlasted, and how. */
export interface Outlasting {
  /** In seconds. */
  readonly seconds: number;
  readonly pause: (seconds: number) => Promise<void>;
}

/** The first pauses come quickly: most outages are over in a second. */
const FIRST_PAUSE_SECONDS = 0.5;
const LONGEST_PAUSE_SECONDS = 15;

/**
 * The same client of AWS, of which a call is sent again with growing pauses for as long as the service is away. For calls that
 * may be repeated, in a function that cannot be repeated as a whole once it has sent something.
 * @throws what the call threw last, when the service stays away for longer
 */
export function outlasting<T extends { send: (...args: never[]) => Promise<unknown> }>(
  client: T,
  { seconds, pause }: Outlasting,
): T {
  const send = async (...args: never[]): Promise<unknown> => {
    let waited = 0;
    for (let next = FIRST_PAUSE_SECONDS; ; next = Math.min(LONGEST_PAUSE_SECONDS, next * 2)) {
      try {
        return await client.send(...args);
      } catch (error) {
        if (!isOutage(error) || waited >= seconds) throw error;
        await pause(next);
        waited += next;
      }
    }
  };
  return withMembers(client, { send });
}
