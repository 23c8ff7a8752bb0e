/** What every store of jobs promises of batches. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Job, JobDraft } from '../../../src/service/jobs/job.ts';
import type { JobStore } from '../../../src/service/jobs/job-store.ts';
import { draftFor, halfSplit, LOSSES, outcome, PLAN, QUEUED_JOBS, type StoreUnderTest } from './store-under-test.ts';

export function describeBatches(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name}: a batch`, () => {
    let under: StoreUnderTest;
    let store: JobStore;
    beforeEach(async () => {
      under = await open();
      store = under.store;
    });
    afterEach(() => under[Symbol.asyncDispose]());

    const submit = async (changes: Partial<JobDraft> = {}): Promise<Job> =>
      (await store.submit(await draftFor(under, changes))).job;
    const claimed = async (now = 5): Promise<Job> => (await under.claim(now)) as Job;
    const split = async (): Promise<Job> => {
      await submit({ operation: 'batch' });
      return (await store.split(await claimed(), ['a', 'b', 'c'], 6)) as Job;
    };

    it('runs until its items have ended', async () => {
      const batch = await split();
      expect(batch).toMatchObject({ state: 'running', itemCount: 3 });
      const items = [await claimed(), await claimed(), await claimed()];
      expect(items).toMatchObject(
        ['a', 'b', 'c'].map((name, item) => ({ name, item, batch: batch.id, operation: 'solve', body: batch.body })),
      );
      expect((await store.runningItems(batch.id)).map(({ id }) => id).sort()).toEqual(items.map(({ id }) => id).sort());
      const fault = { code: 'MODEL_INVALID', message: 'no', errors: [], errorCount: 0 } as const;
      await store.finish(items[1], outcome({ plan: null, fault }));
      await store.finish(items[0], outcome());
      expect(await store.itemCounts(batch.id)).toEqual({ queued: 0, running: 1, done: 1, failed: 1, cancelled: 0 });
      expect((await store.find(batch.id))?.state).toBe('running');
      await store.finish(items[2], outcome({ endedAt: 12 }));
      expect(await store.find(batch.id)).toMatchObject({ state: 'done', endedAt: 12 });
      expect((await store.endedItems(batch.id, 0, 10)).map(({ name, endedSeq }) => [name, endedSeq])).toEqual([
        ['b', 1],
        ['a', 2],
        ['c', 3],
      ]);
      expect((await store.endedItems(batch.id, 1, 1)).map(({ name }) => name)).toEqual(['a']);
      expect(await store.list({ operation: 'solve', limit: 10 })).toEqual([]);
      await store.removeEnded(100);
      expect(await store.find(items[0].id)).toBeNull();
    });

    it('is one job among those that may wait, however many items it has', async () => {
      await submit({ operation: 'batch' });
      const names = Array.from({ length: 2 * QUEUED_JOBS }, (_, i) => `item ${i}`);
      await store.split(await claimed(), names, 6);
      for (let i = 0; i < QUEUED_JOBS; i++) await submit();
      await expect(submit()).rejects.toMatchObject({ code: 'SERVICE_BUSY' });
      await claimed();
      await expect(submit()).rejects.toMatchObject({ code: 'SERVICE_BUSY' });
    });

    it('is not split, ended or put back twice', async () => {
      await submit({ operation: 'batch' });
      const attempt = await claimed();
      await store.split(attempt, ['a'], 6);
      await store.finish(await claimed(), outcome());
      expect(await store.split(attempt, ['a'], 6)).toBeNull();
      expect(await store.finish(attempt, outcome())).toBeNull();
      expect(await under.claim(8)).toBeNull();
    });

    it('is cancelled with its items: those that wait at once', async () => {
      const batch = await split();
      const running = await claimed();
      expect(await store.requestCancel(batch.id, 7)).toMatchObject({ state: 'running' });
      expect(await store.itemCounts(batch.id)).toMatchObject({ queued: 0, running: 1, cancelled: 2 });
      expect(await store.finish(running, outcome())).toMatchObject({ state: 'cancelled' });
      expect(await store.find(batch.id)).toMatchObject({ state: 'cancelled' });
    });

    it('of many items, cancelled while they are made, ends with all of them, and none begins', async () => {
      await submit({ operation: 'batch' });
      const attempt = await claimed();
      const names = Array.from({ length: 950 }, (_, i) => `item ${i}`);
      await Promise.all([store.split(attempt, names, 6), store.requestCancel(attempt.id, 7)]);
      expect(await under.claim(8)).toBeNull();
      expect(await store.find(attempt.id)).toMatchObject({ state: 'cancelled', itemCount: names.length });
      expect(await store.itemCounts(attempt.id)).toMatchObject({ queued: 0, running: 0, cancelled: names.length });
      const ended = await store.endedItems(attempt.id, 0, names.length);
      expect(ended.map(({ name }) => name).sort()).toEqual(names.toSorted());
      expect(ended.map(({ endedSeq }) => endedSeq)).toEqual(names.map((_, i) => i + 1));
    });

    it('that was cancelled while it was split ends with its items', async () => {
      await submit({ operation: 'batch' });
      const attempt = await claimed();
      await store.requestCancel(attempt.id, 6);
      expect(await store.split(attempt, ['a', 'b'], 7)).toMatchObject({ state: 'cancelled' });
      expect(await store.itemCounts(attempt.id)).toMatchObject({ queued: 0, cancelled: 2 });
    });

    it('that fails while its items are made takes them with it', async () => {
      const { batch, item, names } = await halfSplit(under);
      const fault = { code: 'INTERNAL', message: 'no', errors: [], errorCount: 0 } as const;
      const failing = store.finish(batch, outcome({ plan: null, fault }));
      // Who claims at that very moment gets none of them.
      expect(await under.claim(8)).toBeNull();
      expect(await failing).toMatchObject({ state: 'failed', fault });
      const counts = await store.itemCounts(batch.id);
      expect(counts).toMatchObject({ queued: 0, running: 1, done: 0, failed: 0 });
      expect(counts.cancelled).toBeGreaterThan(0);
      expect(await under.claim(8)).toBeNull();
      expect(await store.find(item.id)).toMatchObject({ state: 'running', cancelRequested: true });
      expect(await store.split(batch, names, 8)).toBeNull();
      expect(await store.finish(item, outcome())).toMatchObject({ state: 'cancelled', plan: PLAN });
      expect(await store.counts()).toEqual({ queued: 0, running: 0 });
      expect(await store.find(batch.id)).toMatchObject({ state: 'failed', fault });
    });

    it('that has lost too many processes while its items were made takes them with it', async () => {
      const { batch, item } = await halfSplit(under);
      await store.finish(item, outcome());
      for (let losses = 1; losses <= LOSSES; losses++) {
        await under.die(7);
        store = under.store;
        // Its items may come first.
        for (let next = await under.claim(8); next !== null && next.id !== batch.id; next = await under.claim(8)) {
          await store.finish(next, outcome());
        }
      }
      expect(await store.find(batch.id)).toMatchObject({ state: 'failed', fault: { code: 'ATTEMPTS_EXHAUSTED' } });
      expect(await under.claim(9)).toBeNull();
      expect(await store.counts()).toEqual({ queued: 0, running: 0 });
    });
  });
}
