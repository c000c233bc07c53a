import { appendFileSync } from 'node:fs';
import type { KILL_SECTIONS, REBOOT_SECTIONS } from '../../../build/proofs.ts';

/**
 * Leaves one finding with its figures for the page of the proof that is being run (`npm run prove`, which names the file);
 * nothing where tests run on their own.
 */
export function noteSeen(
  section: (typeof KILL_SECTIONS)[number] | (typeof REBOOT_SECTIONS)[number],
  text: string,
): void {
  const file = process.env['MEDIC_PROOF_NOTES'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ section, text })}\n`);
}
