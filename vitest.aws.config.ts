import { defineConfig } from 'vitest/config';

/** The adapters against AWS implementations that nobody here wrote; they need Python. */
export default defineConfig({
  test: {
    // The store's own tests run here once more, against another DynamoDB than the local one.
    include: ['test/aws/**/*.test.ts', 'test/unit/adapters/dynamo/incident-store.long.test.ts'],
    globalSetup: ['test/aws/support/moto-server.ts'],
    fileParallelism: false,
    silent: 'passed-only',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
