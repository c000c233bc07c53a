import { benchCapture } from './capture.ts';
import { benchCard } from './card.ts';
import { benchCollector } from './collector.ts';
import { benchEntries } from './entries.ts';
import { benchPlanCard } from './plan-card.ts';
import { benchPrefixes } from './prefixes.ts';

// The SDK's note on coming Node versions is no measurement.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  capture: benchCapture,
  card: benchCard,
  collector: benchCollector,
  entries: benchEntries,
  'plan-card': benchPlanCard,
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
