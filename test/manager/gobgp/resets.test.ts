import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { EgressoError } from '../../../src/errors.ts';
import { GobgpClient } from '../../../src/manager/gobgp/client.ts';
import { ownPath } from '../../../src/manager/gobgp/path.ts';
import { scaled } from '../../faults/scale.ts';
import { route, streamOf } from '../simulation.ts';
import { ResettingServer } from './resetting-server.ts';

const CALL_COUNT = scaled(100_000);
const AT_ONCE = 50;
/** Some resets grpc-js does not tell: such a call ends by its deadline, and a watch by whoever opened it. */
const LIMIT_MS = 500;
/** Of the announcements, those of several messages: they take ten times as long. */
const LONG_SHARE = 1 / 50;
const PATH = ownPath({ ...route('a'), prefix: '10.0.0.0/8' }, 1000, ['64512:1'], 7);

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

it(`${CALL_COUNT} calls that GoBGP spoils are errors that say so, or answers`, { timeout: 600_000 }, async () => {
  const random = streamOf(13);
  await using server = await ResettingServer.start(random);
  using client = new GobgpClient(server.address, { callMs: LIMIT_MS, tableMs: LIMIT_MS });
  const watched = async (): Promise<void> => {
    const ended = Promise.withResolvers<void>();
    const onEnd = (error: Error | null): void => (error === null ? ended.resolve() : ended.reject(error));
    using _ = client.watch({ onRoute: () => {}, onPeer: () => {}, onEnd });
    await Promise.race([ended.promise, delay(LIMIT_MS)]);
  };
  const calls: (() => Promise<unknown>)[] = [
    () => client.sessions(),
    () => all(client.routes(['10.0.0.0/8', '2001:db8::/32'])),
    () => all(client.routes()),
    () => client.add(Array.from({ length: random() < LONG_SHARE ? 500 : 1 }, () => PATH)),
    () => client.delete(PATH),
    watched,
  ];
  let failureCount = 0;
  const callOn = async (): Promise<void> => {
    while (server.spoiledCount < CALL_COUNT) {
      const before = server.spoiledCount;
      try {
        await calls[Math.floor(random() * calls.length)]();
      } catch (error) {
        failureCount++;
        expect(error).toBeInstanceOf(EgressoError);
        expect(error).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
        // The connection is gone, and taken up again after a second.
        if (server.spoiledCount === before) await delay(10);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, callOn));
  expect(failureCount).toBeGreaterThan(CALL_COUNT / 2);
});
