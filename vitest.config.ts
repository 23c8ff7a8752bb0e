import { defineConfig } from 'vitest/config';

/**
 * The lab has a project of its own, behind the unit tests: two networks of real routers at a time, which mostly wait, and a
 * set-up that may install packages. Real daemons on a busy machine have bad moments: what fails is tried once more, but not
 * what looks for moments. Time limits are there for what hangs: a busy machine decides no test. The faults break a service of
 * their own, a tenth of them in every run, all by `npm run test:faults`.
 */
export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/lab/**', 'test/faults/**'],
          maxWorkers: '100%',
        },
      },
      { extends: true, test: { name: 'faults', include: ['test/faults/**/*.test.ts'], fileParallelism: false } },
      {
        extends: true,
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          retry: 1,
          globalSetup: ['test/lab/setup/global-setup.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
