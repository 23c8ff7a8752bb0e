/** What a client is told that comes late, or again. */
import { describe, expect, it } from 'vitest';
import { eventStream, knowsEnd } from '../../../src/service/jobs/event-stream.ts';
import type { Job } from '../../../src/service/jobs/job.ts';
import { JobEvents } from '../../../src/service/jobs/job-events.ts';
import type { JobService } from '../../../src/service/jobs/job-service.ts';

const job = {
  ...{ id: 'j', state: 'running', priority: 4, attempt: 1, cancelRequested: false, createdAt: 1, startedAt: 2 },
  ...{ endedAt: null, deadline: null, summary: null, fault: null },
} as unknown as Job;
const progress = (incumbent: number) => ({ phase: 'joint', incumbent, bound: 0, gap: null });

interface Told {
  readonly id: string | undefined;
  readonly event: string;
}

/** A client of a job whose record `record` gives; `meanwhile` happens while it listens. */
async function listen(
  events: JobEvents,
  record: () => Job,
  lastId = '',
  meanwhile: () => void = () => {},
): Promise<Told[]> {
  const closing = new AbortController();
  const jobs = { events, closing: closing.signal, find: async () => record(), queuePlace: async () => null };
  setTimeout(meanwhile, 30);
  setTimeout(() => closing.abort(), 200);
  const told: Told[] = [];
  const stream = eventStream(jobs as unknown as JobService, 'j', lastId, new AbortController().signal);
  for await (const text of stream) {
    const event = /event: (\w+)/.exec(text)?.[1];
    if (event !== undefined) told.push({ id: /id: (\S+)/.exec(text)?.[1], event });
  }
  return told;
}

const STATE = { id: 'running.1', event: 'state' };

describe('a stream of events', () => {
  it('begins with the state, however long the job has run', async () => {
    const events = new JobEvents(() => 1000);
    events.publish('j', 'state', job);
    for (let i = 0; i < 1000; i++) events.publish('j', 'progress', progress(i));
    expect(await listen(events, () => job)).toEqual([STATE, { id: 'running.1/1999', event: 'progress' }]);
  });

  it('tells what has changed to a client that was elsewhere, by whatever clock', async () => {
    const events = new JobEvents(() => 5);
    for (const lastId of ['queued.0', 'running.0/1e300', 'Infinity', '99999999999999', 'done.1', '']) {
      expect(await listen(events, () => job, lastId)).toEqual([STATE]);
    }
    expect(await listen(events, () => job, 'running.1/7')).toEqual([]);
    events.publish('j', 'progress', progress(1));
    expect(await listen(events, () => job, 'running.1/5')).toEqual([]);
    expect(await listen(events, () => job, 'running.1/4')).toEqual([{ id: 'running.1/5', event: 'progress' }]);
  });

  it('tells the end, and that a cancel was asked for', async () => {
    const events = new JobEvents(() => 5);
    let record = job;
    const cancel = () => {
      record = { ...job, cancelRequested: true };
      events.publish('j', 'state', record);
    };
    const asked = { id: 'running.1.cancelled', event: 'state' };
    expect(await listen(events, () => record, '', cancel)).toEqual([STATE, asked]);
    const end = () => {
      record = { ...record, state: 'cancelled', endedAt: 9 };
      events.publish('j', 'state', record);
    };
    const ended = { id: 'cancelled.1.cancelled', event: 'state' };
    expect(await listen(events, () => record, asked.id, end)).toEqual([ended]);
    expect(['cancelled.1.cancelled', 'running.1', '99999999999999'].map((id) => knowsEnd(record, id))).toEqual([
      true,
      false,
      false,
    ]);
    expect(knowsEnd(job, 'running.1')).toBe(false);
  });

  it('misses nothing that comes while it looks', async () => {
    const events = new JobEvents(() => 5);
    let looks = 0;
    let record = job;
    const find = (): Job => {
      const found = record;
      if (++looks === 1) {
        // After the look, and before the wait.
        record = { ...job, state: 'done', endedAt: 9 };
        queueMicrotask(() => events.publish('j', 'state', record));
      }
      return found;
    };
    expect(await listen(events, find)).toEqual([STATE, { id: 'done.1', event: 'state' }]);
  });
});

describe('what is kept of a job', () => {
  it('is its latest progress, until it ends or runs no more', () => {
    const events = new JobEvents(() => 5);
    for (const state of ['done', 'queued'] as const) {
      for (let i = 0; i < 3; i++) events.publish('j', 'progress', progress(i));
      expect(events.progress('j')?.data.incumbent).toBe(2);
      events.publish('j', 'state', { ...job, state });
      expect(events.progress('j')).toBeUndefined();
    }
  });

  it('is bounded where ends are not heard', () => {
    const events = new JobEvents(() => 5);
    for (let i = 0; i < 30_000; i++) events.publish(`${i}`, 'progress', progress(i));
    const kept = Array.from({ length: 30_000 }, (_, i) => events.progress(`${i}`)).filter((one) => one !== undefined);
    expect(kept).toHaveLength(10_000);
    expect(events.progress('29999')).toBeDefined();
  });
});
