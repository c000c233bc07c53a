import { readCapture } from '../src/core/capture/capture.ts';
import { measure } from './measure.ts';

const NONCE = 'abcdefgh12345678';

/** Headers of a capture, all of one source: each repeats the section before it. */
const headers = (name: string, count: number): string =>
  `=== medic/1 ${NONCE} ${name} 0 ok 1.5\n`.repeat(count);

/** What a node can print of its own choice, up to the longest text that is looked at. */
export async function benchCapture(): Promise<void> {
  for (const name of ['sockstat', 'stranger'])
    await measure(`headers of ${name}`, [1125, 2250, 4500, 9000], (count) => {
      const text = headers(name, count);
      return () => readCapture(text, NONCE);
    });
}
