import { defineConfig } from 'vitest/config';

/** Tests in a machine that really boots: minutes each under software emulation, hence apart from `npm test`. */
export default defineConfig({
  test: {
    name: 'reboot',
    include: ['test/reboot/**/*.test.ts'],
    testTimeout: 1_500_000,
    hookTimeout: 1_500_000,
    // A guest keeps one core busy.
    maxWorkers: 2,
    globalSetup: ['test/reboot/support/set-up.ts'],
  },
});
