/** Events that other processes have told; the connections are played here. */
import type { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { RedisEvents } from '../../../../src/service/jobs/redis/redis-events.ts';

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

it('are forgotten with the end of the job, whoever ended it', () => {
  const { events, hear } = listen();
  hear('a', 'state', { state: 'running' });
  hear('a', 'progress', { phase: 'joint' });
  hear('b', 'progress', { phase: 'exact' });
  expect(events.progress('a')?.data).toEqual({ phase: 'joint' });
  hear('a', 'state', { state: 'done' });
  expect(events.progress('a')).toBeUndefined();
  expect(events.progress('b')?.data).toEqual({ phase: 'exact' });
});

it('are forgotten of jobs that are never heard of again', () => {
  const { events, hear } = listen();
  // Of a process that did not know that the job had ended.
  hear('late', 'progress', { phase: 'joint' });
  for (let i = 0; i < 10_000; i++) hear(`job ${i}`, 'progress', { phase: 'joint' });
  expect(events.progress('late')).toBeUndefined();
});
