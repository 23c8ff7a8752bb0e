import { expect, test } from 'vitest';
import { fibWays } from './fib-ways.ts';

const isBorder = (node: string): boolean => node.startsWith('b');

function waysOf(nextHops: Readonly<Record<string, readonly string[]>>): string[] {
  return fibWays('A', isBorder, (node) => nextHops[node] ?? ['none']).map(
    ({ ingress, egress }) => `${ingress} ${egress}`,
  );
}

test('a way goes from router to router until it leaves', () => {
  expect(waysOf({ A: ['b1'], b1: ['b2'], b2: ['b3'], b3: ['U3'] })).toEqual(['b1 b3']);
});

test('where a node pointed at several, each with each is a way', () => {
  const ways = waysOf({ A: ['b1', 'b2'], b1: ['b3+b4'], b2: ['U2', 'b3'], b3: ['U3'], b4: ['U4'] });
  expect(ways).toEqual(['b1 b3', 'b1 b4', 'b2 b2', 'b2 b3']);
});

test('routers that pointed at each other end no way', () => {
  expect(waysOf({ A: ['b1'], b1: ['b2'], b2: ['b1', 'U2'] })).toEqual(['b1 b2']);
  expect(waysOf({ A: ['b1'], b1: ['b2'], b2: ['b1'] })).toEqual([]);
});

test('without a route there is none to leave by', () => {
  expect(waysOf({ A: ['b1', 'none'], b1: ['b2', 'U1'], b2: ['none'] })).toEqual(['b1 none', 'b1 b1', 'none none']);
});
