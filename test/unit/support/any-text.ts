import { type Arbitrary, integer, string } from 'fast-check';

/**
 * Any text, every code point and halves of surrogate pairs among it. The unit that fast-check names `binary` first writes
 * down a million of them, which takes a second.
 *
 * @param maxLength in code points
 */
export function anyText(maxLength: number): Arbitrary<string> {
  const unit = integer({ min: 0, max: 0x10_ff_ff }).map((point) => String.fromCodePoint(point));
  return string({ unit, maxLength });
}
