#!/usr/bin/env node
import { register } from 'tsx/esm/api';

// Its hint about future versions of Node.js would stand in front of every answer.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
register();
const { main } = await import('./medic.ts');
await main(process.argv);
