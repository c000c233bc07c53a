import { whyNoGuest } from '../../reboot/support/requirements.ts';
import { guestImages } from './guest-images.ts';

/** Builds the guests, or says in one line why nothing runs. */
export function setup(): void {
  const why = whyNoGuest();
  if (why === undefined) guestImages();
  else console.log(why.replace(/^Reboot tests/, 'Traces on other kernels'));
}
