/** Events that other processes have told; the connections are played here. */
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RedisEvents } from '../../../../src/service/jobs/redis/redis-events.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function listen(): { events: RedisEvents; hear: (job: string, type: string, data: object) => void } {
  const handlers: ((channel: string, text: string) => void)[] = [];
  const redis = { publish: async () => {} } as unknown as Redis;
  const subscriber = { subscribe: async () => {}, on: (_: string, handler: never) => handlers.push(handler) };
  const events = new RedisEvents(redis, subscriber as unknown as Redis, Date.now);
  let id = 1;
  const hear = (job: string, type: string, data: object): void => {
    for (const handler of handlers)
      handler('{egresso}:events', JSON.stringify({ job, event: { id: id++, type, data } }));
  };
  return { events, hear };
}

it('are forgotten some time after the end of the job, whoever ended it', () => {
  const { events, hear } = listen();
  hear('a', 'state', { state: 'running' });
  hear('a', 'progress', { phase: 'joint' });
  hear('a', 'state', { state: 'done' });
  hear('b', 'state', { state: 'running' });
  vi.advanceTimersByTime(5000);
  expect(events.latest('a', 'state')).toBeDefined();
  vi.advanceTimersByTime(6000);
  expect(events.since('a', 0)).toEqual([]);
  expect(events.latest('b', 'state')).toBeDefined();
});

it('are forgotten of jobs that are never heard of again', () => {
  const { events, hear } = listen();
  hear('a', 'state', { state: 'done' });
  // Of a process that did not know.
  hear('a', 'progress', { phase: 'joint' });
  for (let i = 0; i < 10; i++) {
    vi.advanceTimersByTime(300_000);
    hear('b', 'progress', { phase: 'joint' });
  }
  expect(events.latest('a', 'progress')).toBeUndefined();
  expect(events.latest('b', 'progress')).toBeDefined();
});
