#!/usr/bin/env node
import { main } from './commands.mjs';

// Its hint about future versions of Node.js would stand in front of every answer.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
await main(process.argv, async () => {
  const { register } = await import('tsx/esm/api');
  register();
});
