/**
 * The process that plays AWS Lambda, forked by start.ts. The TypeScript loader is gone before the bundles are loaded: they
 * are built, and it would look through megabytes of them.
 */
import { register } from 'tsx/esm/api';

// The parent may be gone before there is anything to serve.
process.on('disconnect', () => process.exit(0));
const unregister = register();
const { serve } = await import('./serve.ts');
await unregister();
await serve();
