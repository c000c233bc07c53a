import { benchCapture } from './capture.ts';
import { benchCard } from './card.ts';
import { benchEntries } from './entries.ts';
import { benchPrefixes } from './prefixes.ts';

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  capture: benchCapture,
  card: benchCard,
  entries: benchEntries,
  prefixes: benchPrefixes,
};

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => BENCHES[name] === undefined);
if (unknown !== undefined) {
  console.error(`There is no bench ${unknown}; there are ${Object.keys(BENCHES).join(', ')}.`);
  process.exitCode = 1;
} else {
  for (const name of wanted.length === 0 ? Object.keys(BENCHES) : wanted) await BENCHES[name]?.();
}
