import { beforeAll } from 'vitest';
import { LOCAL } from '../../unit/adapters/support.ts';
import { MOTO_VARIABLE } from './moto-server.ts';

/** Where moto is, or nothing: then what needs it is skipped. */
export const MOTO = process.env[MOTO_VARIABLE];
/** Account of the key that {@link AT_MOTO} has: moto's default. */
export const MOTO_ACCOUNT = '123456789012';

/** What an SDK client needs to talk to moto instead of AWS. */
export const AT_MOTO = { ...LOCAL, endpoint: MOTO ?? '' };

/** Begins a test file with an empty cloud. */
export function startEmpty(): void {
  beforeAll(async () => {
    const answer = await fetch(`${MOTO}/moto-api/reset`, { method: 'POST' });
    if (!answer.ok) throw new Error(`moto could not be reset: ${answer.status}`);
  });
}
