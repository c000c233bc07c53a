import { catalogue } from '../runbooks/index.ts';
import { readCapture } from '../src/core/capture/capture.ts';
import { SOURCES } from '../src/core/capture/sources.ts';
import { assess } from '../src/core/diagnosis/assess.ts';
import { readPaste } from '../src/core/paste/read-paste.ts';
import { HOSTILE_PASTES, isLong } from '../test/support/hostile-pastes.ts';
import { measure } from './measure.ts';

const NONCE = 'abcdefgh12345678';

const header = (name: string, sample: string, seconds: number): string =>
  `=== medic/1 ${NONCE} ${name} ${sample} ok ${seconds}\n`;

/** A capture whose every source printed the same piece of text, over and over, at both samples. */
function repeated(piece: string, times: number): string {
  const body = piece.repeat(times);
  const sections = (sample: string, seconds: number) =>
    Object.keys(SOURCES).map((name) => `${header(name, sample, seconds)}${body}\n`);
  return [...sections('0', 1.5), ...sections('1', 11.5), header('end', '-', 12)].join('');
}

/** What a node can print of its own choice, up to the longest text that is looked at, and what can be pasted. */
export async function benchCapture(): Promise<void> {
  for (const name of ['sockstat', 'stranger'])
    await measure(`headers of ${name}`, [1125, 2250, 4500, 9000], (count) => {
      const text = header(name, '0', 1.5).repeat(count);
      return () => readCapture(text, NONCE);
    });
  for (const piece of ['\n', ' ', '0 ', 'a=1\n', '\t\n'])
    await measure(`${JSON.stringify(piece)} in every section`, [250, 500, 1000, 2000], (times) => {
      const text = repeated(piece, times);
      return () => assess(text, { instanceId: 'i-1', nonce: NONCE, catalogue });
    });
  for (const name of ['ct-states', 'ss-listen-node'])
    await measure(`blank lines of ${name}`, [25_000, 50_000, 100_000, 200_000], (lines) => {
      const text = `${header(name, '-', 1.5)}${'\n'.repeat(lines)}`;
      return () => assess(text, { instanceId: 'i-1', nonce: NONCE, catalogue });
    });
  for (const hostile of HOSTILE_PASTES) {
    const sizes = isLong(hostile) ? [100, 200, 400, 800] : [5_000, 10_000, 20_000, 40_000];
    await measure(`lines of a paste, ${hostile.name}`, sizes, (lines) => {
      const text = hostile.textOf(lines);
      return () => readPaste(text);
    });
  }
}
