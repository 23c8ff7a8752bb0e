/** What a step of an execution plan looks like to people. */
import { expect, it } from 'vitest';
import { stepLines } from '../../src/cli/policy-report.ts';
import type { ExecutionStep } from '../../src/policy/report.ts';

const step: ExecutionStep = {
  prefixes: ['P'],
  overloadOnTheWay: 0,
  strayCount: 0,
  strayVolume: 0,
  transientCount: 0,
  transientVolume: 0,
  transients: [],
  overload: 0,
  loads: [{ point: 'b1', ingress: 8, egress: 0 }],
  phases: [],
};
const transient = { neighbor: 'C', prefix: 'P', volume: 8, ingress: ['b2'], egress: [], mayBeUntold: false };

it('a step that nobody strays in is safe on the way', () => {
  expect(stepLines(step, 1, 2)).toEqual([
    'step 1 of 2: 1 prefix, safe on the way',
    'expected after it: b1 8 in, 0 out',
  ]);
});

it('transient pairs are counted, and the first of them named with their points', () => {
  const transients = [transient, { ...transient, egress: ['b3', 'b4'], mayBeUntold: true }];
  expect(stepLines({ ...step, transientCount: 2, transients }, 1, 1)).toEqual([
    'step 1 of 1: 1 prefix, 2 pairs may stray while updates are under way',
    'C to P (8) may for a moment enter at b2',
    'C to P (8) may for a moment enter at b2, or leave at b3, b4, or have no way',
    'expected after it: b1 8 in, 0 out',
  ]);
  const many = stepLines({ ...step, transientCount: 7, transients: new Array(7).fill(transient) }, 1, 1);
  expect(many).toHaveLength(8);
  expect(many[6]).toBe('… and 2 pairs more');
});
