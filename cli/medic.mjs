#!/usr/bin/env node
import { main } from './commands.mjs';
import { tellFault } from './terminal/fault.mjs';
import { standOutput } from './terminal/stand-output.mjs';

standOutput(process);
// A fault in a callback, which no command can catch, ends like any other.
for (const event of ['uncaughtException', 'unhandledRejection'])
  process.on(event, (error) => {
    tellFault(error);
    process.exit();
  });

// Its hint about future versions of Node.js would stand in front of every answer.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
try {
  await main(process.argv, async () => {
    const { register } = await import('tsx/esm/api');
    register();
  });
} catch (error) {
  tellFault(error);
}
