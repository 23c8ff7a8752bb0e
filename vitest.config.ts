import { defineConfig } from 'vitest/config';

/** The lab has a project of its own: one network of real routers at a time, and a set-up that may install packages. */
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
          globalSetup: ['test/lab/setup/global-setup.ts'],
          fileParallelism: false,
        },
      },
    ],
  },
});
