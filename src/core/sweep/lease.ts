import { messageOf } from '../errors.ts';
import type { Clock, Log } from '../ports.ts';
import type { SweepState } from './ports.ts';

/** Seconds between two signs of life: a third of what the right holds for (src/adapters/dynamo/sweep-state.ts). */
const SIGN_SECONDS = 20;

/** What keeping the right to sweep needs. */
interface LeasePorts {
  readonly state: Pick<SweepState, 'hold'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly pause: (seconds: number) => Promise<void>;
}

/** The right to sweep, while it is kept. */
export interface Lease {
  /** @throws Error where another one has it by now, so that this one writes nothing any more */
  check(): void;
}

/**
 * Keeps the right to sweep for as long as something is done under it, however long a list of nodes, their answers or what is made of
 * them take. Whoever dies gives no sign any more.
 */
export async function underLease<T>(
  ports: LeasePorts,
  holder: string,
  act: (lease: Lease) => Promise<T>,
): Promise<T> {
  const at = { isOver: false, isLost: false };
  // What fails in it is logged, and it ends by itself after what it goes along with.
  void giveSigns(ports, holder, at);
  try {
    return await act({
      check: () => {
        if (at.isLost) throw new Error('Another sweep has taken the round over; this one ends.');
      },
    });
  } finally {
    at.isOver = true;
  }
}

async function giveSigns(
  { state, clock, log, pause }: LeasePorts,
  holder: string,
  at: { isOver: boolean; isLost: boolean },
): Promise<void> {
  for (;;) {
    await pause(SIGN_SECONDS);
    if (at.isOver || at.isLost) return;
    try {
      at.isLost = !(await state.hold(holder, clock.now()));
    } catch (error) {
      log('sweep-right-not-renewed', { error: messageOf(error) });
    }
  }
}
