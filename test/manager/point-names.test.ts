/** Names of points that would be found in any record. */
import { expect, it } from 'vitest';
import { parseManagerConfig } from '../../src/manager/config.ts';

const configOf = (id: string): string => JSON.stringify({ points: [{ id, capacity: 1 }], replay: 'x' });

it.each(['constructor', '__proto__', 'toString'])('%s is no name of a point', (id) => {
  expect(() => parseManagerConfig(configOf(id), 'test')).toThrow(
    expect.objectContaining({
      code: 'OPTIONS_INVALID',
      errors: [expect.objectContaining({ pointer: '/points/0/id' })],
    }),
  );
});

it.each(['constructors', 'b2:to-U2', 'proto'])('%s is one', (id) => {
  expect(parseManagerConfig(configOf(id), 'test').points[0].id).toBe(id);
});
