import { expect, it } from 'vitest';
import { WatchedThread } from '../../src/manager/watched-thread.ts';

const LOOPING = new URL('./looping-thread.mjs', import.meta.url);

it('a thread that never comes back is ended, and the next question goes to another one', async () => {
  await using thread = new WatchedThread<null, number>(LOOPING);
  const told: number[] = [];
  const ask = (): Promise<boolean> => thread.ask(null, 200, (count) => told.push(count));
  expect([await ask(), await ask(), await ask(), await ask()]).toEqual([true, false, true, false]);
  expect(told).toEqual([1, 2, 1, 2]);
  expect(thread.lostCount).toBe(2);
});

it('a question that is open when it is closed is not answered, and counts no loss', async () => {
  const thread = new WatchedThread<null, number>(LOOPING);
  await thread.ask(null, 60_000, () => {});
  const open = thread.ask(null, 60_000, () => {});
  await thread[Symbol.asyncDispose]();
  expect([await open, thread.lostCount]).toEqual([false, 0]);
});

it('an answer that came in time, while this thread was busy, counts', async () => {
  await using thread = new WatchedThread<null, number>(LOOPING);
  await thread.load();
  const answered = thread.ask(null, 50, () => {});
  const end = performance.now() + 300;
  while (performance.now() < end);
  expect([await answered, thread.lostCount]).toEqual([true, 0]);
});
