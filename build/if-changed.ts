import { isBuildFresh } from './freshness.ts';

// The demo's build: it loads the bundler only where there is something to build.
if (!isBuildFresh()) await import('./bundle.ts');
