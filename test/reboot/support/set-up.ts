import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guestImage } from './guest-image.ts';
import { whyNoGuest } from './requirements.ts';
import { keepNotesIn, writePage } from './seen.ts';

/** Builds the guest, or says in one line why nothing runs; with MEDIC_RECORD=1 the page of findings is written at the end. */
export function setup(): (() => void) | undefined {
  const why = whyNoGuest();
  if (why !== undefined) {
    console.log(why);
    return undefined;
  }
  // Here, as the test files run side by side.
  guestImage();
  if (process.env['MEDIC_RECORD'] !== '1') return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'conntrack-medic-reboot-notes-'));
  const file = join(folder, 'notes');
  keepNotesIn(file);
  return () => {
    writePage(file);
    rmSync(folder, { recursive: true, force: true });
  };
}
