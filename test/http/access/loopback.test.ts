import { expect, it } from 'vitest';
import { isLoopback } from '../../../src/http/access/loopback.ts';

it.each(['127.0.0.1', '127.8.9.10', '::1', 'localhost', '::ffff:127.0.0.1'])(
  '%s is this machine alone',
  async (host) => {
    expect(await isLoopback(host)).toBe(true);
  },
);

it.each(['0.0.0.0', '::', '', '192.0.2.1', '10.0.0.1', '::ffff:10.0.0.1', 'no-such-name.invalid'])(
  '"%s" is not',
  async (host) => {
    expect(await isLoopback(host)).toBe(false);
  },
);
