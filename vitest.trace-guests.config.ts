import { defineConfig } from 'vitest/config';

/** Traces on kernels that really boot: minutes each under software emulation, hence apart from `npm test`. */
export default defineConfig({
  test: {
    name: 'trace-guests',
    include: ['test/trace-guests/**/*.test.ts'],
    testTimeout: 900_000,
    hookTimeout: 1_500_000,
    // A guest keeps one core busy for part of its time.
    maxWorkers: 2,
    globalSetup: ['test/trace-guests/support/set-up.ts'],
  },
});
