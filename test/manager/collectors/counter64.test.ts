import { expect, it } from 'vitest';
import { counter64 } from '../../../src/manager/collectors/snmp/agent.ts';

it.each([
  [Buffer.from([1]), 1n],
  [Buffer.from('00ffffffffffffffff', 'hex'), 2n ** 64n - 1n],
  [Buffer.from('01ffffffffffffffff', 'hex'), null],
  [Buffer.alloc(0), null],
  [Buffer.alloc(12, 1), null],
  [7, 7n],
  [-7, null],
  ['7', null],
  [null, null],
])('Counter64 from %s', (value, expected) => {
  expect(counter64({ oid: '', type: 70, value })).toBe(expected);
});
