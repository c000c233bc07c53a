import { defineConfig } from 'vitest/config';

/** Makes faults on networks of its own and traces them: needs root, and lowers the kernel's one limit for seconds. */
export default defineConfig({
  test: {
    name: 'trace',
    include: ['test/trace/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    // A trace runs at the lowest priority: on a machine without any CPU to spare it begins too late.
    retry: 1,
  },
});
