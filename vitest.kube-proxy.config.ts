import { defineConfig } from 'vitest/config';

/** Builds kube-proxy from its own modules, some minutes a version the first time: hence apart from `npm test`. */
export default defineConfig({
  test: {
    name: 'kube-proxy',
    include: ['test/kube-proxy/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 3_600_000,
  },
});
