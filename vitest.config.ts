import { defineConfig } from 'vitest/config';
import { WaitingFirst } from './test/support/waiting-first.ts';

/** On two cores, for tests that wait more than they compute. */
const WAITING_WORKERS = 5;

export default defineConfig({
  test: {
    // What was compiled for one run serves the next.
    experimental: { fsModuleCache: true },
    sequence: { sequencer: WaitingFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          exclude: ['test/unit/**/*.long.test.ts'],
          testTimeout: 60_000,
          globalSetup: ['test/unit/support/built.ts'],
          // The files share what they import: loading it anew for each took longer than the tests. So a test that
          // changes a global, such as an environment variable, puts it back; the setup file fails the one that doesn't.
          isolate: false,
          setupFiles: ['test/support/left-as-found.ts'],
          maxWorkers: '100%',
          // The CDK's own check of each template takes seconds and only warns; cdk-nag and cfn-lint decide.
          env: { CDK_VALIDATION: 'false' },
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          // What starts commands, servers, stores, browsers or simulations, synthesizes stacks, or tries texts by the thousand.
          name: 'long',
          include: ['test/unit/**/*.long.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          globalSetup: ['test/unit/support/built.ts'],
          isolate: false,
          setupFiles: ['test/support/left-as-found.ts'],
          maxWorkers: WAITING_WORKERS,
          env: { CDK_VALIDATION: 'false' },
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'nodes',
          include: ['test/nodes/**/*.test.ts'],
          exclude: ['test/nodes/kernel.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Scripts wait for a second sample most of the time, and e2e, which runs beside them, for a node's answer.
          maxWorkers: WAITING_WORKERS,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'kernel',
          include: ['test/nodes/kernel.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          // One project after the other: this one and the next change the kernel's one limit.
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: ['test/e2e/kernel-*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // A condition that is waited for may take its time on a busy machine.
          expect: { poll: { timeout: 30_000 } },
          // Loading the SDKs and the local endpoints takes longer than most tests: once a worker is enough.
          isolate: false,
          setupFiles: ['test/support/left-as-found.ts'],
          maxWorkers: WAITING_WORKERS,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e-kernel',
          include: ['test/e2e/kernel-*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
