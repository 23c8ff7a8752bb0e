import { defineConfig } from 'vitest/config';

/**
 * The lab has a project of its own: one network of real routers at a time, and a set-up that may install packages. Real
 * daemons on a busy machine have bad moments: what fails is tried once more. Telemetry is for `EGRESSO_LAB=all` until its
 * counters are read with the agent's cache in mind.
 */
export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/lab/**'] } },
      {
        extends: true,
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          exclude: process.env.EGRESSO_LAB === 'all' ? [] : ['test/lab/telemetry.test.ts'],
          retry: 1,
          globalSetup: ['test/lab/setup/global-setup.ts'],
          fileParallelism: false,
        },
      },
    ],
  },
});
