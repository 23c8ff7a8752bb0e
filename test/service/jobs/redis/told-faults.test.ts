import { expect, it } from 'vitest';
import { toldOnce } from '../../../../src/service/jobs/redis/told-faults.ts';

it('tells a fault once a minute', () => {
  let now = 0;
  const told: unknown[] = [];
  const tell = toldOnce(
    (error) => told.push((error as Error).message),
    () => now,
  );
  for (now = 0; now < 121_000; now += 500) {
    tell(new Error('connect ECONNREFUSED'));
    if (now % 40_000 === 0) tell(new Error('another'));
  }
  expect(told).toEqual(['connect ECONNREFUSED', 'another', 'connect ECONNREFUSED', 'another', 'connect ECONNREFUSED']);
});

it('tells no command', () => {
  const told: object[] = [];
  const command = { name: 'auth', args: ['user', 'topsecret'] };
  toldOnce((error) => told.push(error as object))(
    Object.assign(new Error('WRONGPASS'), { name: 'ReplyError', command }),
  );
  expect(told).toMatchObject([{ name: 'ReplyError', message: 'WRONGPASS' }]);
  expect(told[0]).not.toHaveProperty('command');
});
