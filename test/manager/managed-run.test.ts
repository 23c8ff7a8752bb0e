import { expect, it } from 'vitest';
import { ManagedRun } from '../../src/manager/managed-run.ts';
import type { Manager } from '../../src/manager/manager.ts';

it('ends though the daemon never says that everything is taken back, and says so', async () => {
  let stopCount = 0;
  const manager = {
    async stop() {
      stopCount++;
      await new Promise(() => {});
    },
  } as unknown as Manager;
  const resources = new AsyncDisposableStack();
  const run = new ManagedRun(manager, 20, null, false, resources, () => false, 50);
  await expect(run[Symbol.asyncDispose]()).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    message: expect.stringMatching(/not answered within 0\.05 s; overrides may be left in BGP/),
  });
  expect([stopCount, resources.disposed]).toEqual([1, true]);
});
