import { guestImage } from './guest-image.ts';
import { whyNoGuest } from './requirements.ts';

/** Builds the guest, as the test files run side by side, or says in one line why nothing runs. */
export function setup(): void {
  const why = whyNoGuest();
  if (why === undefined) guestImage();
  else console.log(why);
}
