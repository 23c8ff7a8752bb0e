/** What every store of jobs promises. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Job, JobDraft } from '../../../src/service/jobs/job.ts';
import type { JobStore } from '../../../src/service/jobs/job-store.ts';
import { draftFor, LOSSES, outcome, PLAN, QUEUED_JOBS, type StoreUnderTest } from './store-under-test.ts';

export function describeStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
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

    it('gives back what was submitted', async () => {
      const draft = await draftFor(under, { deadline: 77, priority: 9, idempotencyKey: 'k', owner: 'somebody' });
      expect(await store.submit(draft)).toMatchObject({ isNew: true, job: draft });
      expect(await store.find(draft.id)).toEqual({
        ...draft,
        ...{ state: 'queued', startedAt: null, endedAt: null, attempt: 0, cancelRequested: false },
        ...{ plan: null, summary: null, fault: null, itemCount: null, endedSeq: null },
      });
      expect(await store.find('another')).toBeNull();
    });

    it('ends a job once', async () => {
      await submit();
      const attempt = await claimed();
      const ends = await Promise.all([
        store.finish(attempt, outcome()),
        store.finish(attempt, outcome({ endedAt: 10 })),
      ]);
      expect(ends).toMatchObject([{ state: 'done', endedAt: 9, plan: PLAN }, null]);
    });

    it('lets nobody but the latest attempt end a job, or put it back', async () => {
      const { id } = await submit();
      const first = await claimed();
      await under.die(7);
      store = under.store;
      const second = await claimed();
      expect(second).toMatchObject({ id, attempt: 2 });
      expect(await store.finish(first, outcome())).toBeNull();
      await store.release(first);
      expect(await store.find(id)).toMatchObject({ state: 'running', attempt: 2 });
      expect(await store.finish(second, outcome())).toMatchObject({ state: 'done' });
    });

    it('keeps how a job failed', async () => {
      await submit();
      const fault = { code: 'MODEL_INVALID', message: "it's \\ wrong", errors: [], errorCount: 0 } as const;
      const ended = await store.finish(await claimed(), outcome({ plan: null, fault }));
      expect(ended).toMatchObject({ state: 'failed', plan: null });
      expect(ended?.fault).toEqual(fault);
    });

    it('ends a job cancelled whatever its outcome, once that was asked for', async () => {
      const waiting = await submit({ priority: 0 });
      await submit();
      const attempt = await claimed();
      expect(await store.requestCancel(attempt.id, 6)).toMatchObject({ state: 'running', cancelRequested: true });
      expect(await store.finish(attempt, outcome())).toMatchObject({ state: 'cancelled', plan: PLAN });
      expect(await store.requestCancel(waiting.id, 6)).toMatchObject({ state: 'cancelled', endedAt: 6 });
      expect(await store.requestCancel(waiting.id, 8)).toMatchObject({ state: 'cancelled', endedAt: 6 });
      expect(await store.requestCancel('another', 8)).toBeNull();
      expect(await under.claim(9)).toBeNull();
    });

    it('runs a job again whose process died, so many times; a cancelled one ends', async () => {
      const { id } = await submit();
      for (let attempt = 1; attempt <= LOSSES; attempt++) {
        expect(await claimed()).toMatchObject({ id, attempt });
        await under.die(7);
        store = under.store;
      }
      expect(await under.claim(7)).toBeNull();
      expect(await store.find(id)).toMatchObject({
        state: 'failed',
        fault: { code: 'ATTEMPTS_EXHAUSTED', errors: [] },
      });
      await submit();
      const cancelled = await claimed();
      await store.requestCancel(cancelled.id, 6);
      await under.die(7);
      store = under.store;
      expect(await under.claim(7)).toBeNull();
      expect(await store.find(cancelled.id)).toMatchObject({ state: 'cancelled' });
    });

    it('does not count as lost what was put back', async () => {
      await submit();
      for (let i = 0; i < LOSSES + 2; i++) await store.release(await claimed());
      expect(await claimed()).toMatchObject({ attempt: LOSSES + 3 });
    });

    it('knows idempotency keys of each owner', async () => {
      const body = await under.body('same');
      const drafts = await Promise.all(
        [{ body }, {}, { owner: 'another' }, { body }].map((changes) =>
          draftFor(under, { idempotencyKey: 'k', ...changes }),
        ),
      );
      const results = await Promise.allSettled(drafts.map((draft) => store.submit(draft)));
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
      expect(results[1]).toMatchObject({ reason: { code: 'IDEMPOTENCY_KEY_REUSED' } });
      expect(results[3]).toMatchObject({ value: { isNew: false, job: { id: drafts[0].id } } });
      expect(await store.list({ operation: 'solve', limit: 10 })).toHaveLength(2);
    });

    it('lets so many wait', async () => {
      for (let i = 0; i < QUEUED_JOBS; i++) await submit();
      await expect(submit()).rejects.toMatchObject({ code: 'SERVICE_BUSY' });
      await claimed();
      await submit();
    });

    it('counts what waits and what runs, but no batch that was split', async () => {
      for (let i = 0; i < 3; i++) await submit();
      await submit({ operation: 'batch', priority: 9 });
      expect(await store.counts()).toEqual({ queued: 4, running: 0 });
      const batch = await claimed();
      expect(await store.counts()).toEqual({ queued: 3, running: 1 });
      await store.split(batch, ['a', 'b'], 6);
      expect(await store.counts()).toEqual({ queued: 5, running: 0 });
      const attempt = await claimed();
      await store.release(attempt);
      expect(await store.counts()).toEqual({ queued: 5, running: 0 });
      await store.finish(await claimed(), outcome());
      await store.requestCancel(batch.id, 7);
      await claimed();
      expect((await store.counts()).running).toBe(1);
    });

    it('tells the place in line', async () => {
      const ids: string[] = [];
      for (const priority of [4, 0, 9, 4]) ids.push((await submit({ priority })).id);
      expect(await Promise.all(ids.map((id) => store.queuePlace(id)))).toEqual([1, 3, 0, 2]);
      expect((await claimed()).id).toBe(ids[2]);
      expect(await Promise.all(ids.map((id) => store.queuePlace(id)))).toEqual([0, 2, null, 1]);
    });

    it('lists the newest first, in pages, by owner and state', async () => {
      const ids: string[] = [];
      for (const owner of ['a', 'b', 'a', 'a']) ids.unshift((await submit({ owner })).id);
      await submit({ operation: 'batch' });
      const list = async (query: object): Promise<string[]> =>
        (await store.list({ operation: 'solve', limit: 10, ...query })).map(({ id }) => id);
      expect(await list({})).toEqual(ids);
      expect(await list({ limit: 2 })).toEqual(ids.slice(0, 2));
      expect(await list({ limit: 2, before: ids[1] })).toEqual(ids.slice(2));
      expect(await list({ owner: 'b' })).toEqual([ids[2]]);
      expect(await list({ before: 'nobody' })).toEqual([]);
      await store.requestCancel(ids[3], 5);
      expect(await list({ state: 'cancelled' })).toEqual([ids[3]]);
      expect(await list({ state: 'queued', owner: 'a' })).toEqual(ids.slice(0, 2));
    });

    it('ends what waits beyond its deadline', async () => {
      const [late, early] = [await submit({ deadline: 50 }), await submit({ deadline: 60 })];
      expect(await store.failOverdue(49)).toEqual([]);
      expect(await store.failOverdue(50)).toMatchObject([
        { id: late.id, state: 'failed', fault: { code: 'DEADLINE_PASSED' } },
      ]);
      expect((await claimed()).id).toBe(early.id);
      expect(await store.failOverdue(100)).toEqual([]);
    });

    it('forgets what ended some time ago, and its key', async () => {
      const old = await submit({ idempotencyKey: 'k' });
      await store.finish(await claimed(), outcome({ endedAt: 100 }));
      const young = await submit();
      await store.finish(await claimed(), outcome({ endedAt: 200 }));
      expect(await store.removeEnded(100)).toMatchObject({ count: 0 });
      expect(await store.removeEnded(101)).toMatchObject({ count: 1 });
      expect(await store.find(old.id)).toBeNull();
      expect(await store.find(young.id)).not.toBeNull();
      expect((await store.list({ operation: 'solve', limit: 10 })).map(({ id }) => id)).toEqual([young.id]);
      expect((await submit({ idempotencyKey: 'k' })).id).not.toBe(old.id);
    });
  });
}
