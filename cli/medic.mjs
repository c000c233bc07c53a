#!/usr/bin/env node
import { inspect } from 'node:util';
import { printable } from '../src/core/printable.mjs';
import { main } from './commands.mjs';
import { standOutput } from './stand-output.mjs';

standOutput(process);

// Its hint about future versions of Node.js would stand in front of every answer.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
try {
  await main(process.argv, async () => {
    const { register } = await import('tsx/esm/api');
    register();
  });
} catch (error) {
  // A fault of our own, and words of others may be in it.
  process.stderr.write(`${printable(inspect(error))}\n`);
  process.exitCode = 1;
}
