/** What several stages prove together, against the plan in hand. */
import { describe, expect, it } from 'vitest';
import { type Proven, unrefuted } from '../../../src/optimizer/run/known.ts';

const none = new Float64Array(0);
const plan = (objective: number, overload: number) => ({
  choice: { ingress: new Int32Array(0), slot: new Int32Array(0) },
  evaluation: { objective, overload, ingressLoad: none, egressLoad: none },
});
const bound = (lowerBound: number): Proven => ({ lowerBound, leastOverload: 0, provenOverloaded: false });
const overload = (leastOverload: number): Proven => ({ lowerBound: null, leastOverload, provenOverloaded: true });

describe('unrefuted', () => {
  it('is the strongest of all claims', () => {
    expect(unrefuted(plan(10, 0), [bound(7), bound(9), bound(8)])).toEqual(bound(9));
    expect(unrefuted(plan(10, 3), [bound(7), overload(1), overload(2)])).toEqual(overload(2));
  });

  it('leaves out what the plan refutes', () => {
    expect(unrefuted(plan(10, 0), [bound(7), bound(11)])).toEqual(bound(7));
    expect(unrefuted(plan(10, 0), [bound(7), overload(0)])).toEqual(bound(7));
    expect(unrefuted(plan(10, 3), [overload(1), overload(4)])).toEqual(overload(1));
    expect(unrefuted(plan(10, 0), [bound(11), overload(2)])).toEqual(bound(0));
  });

  it('leaves in what rounding may be, and bounds above a plan that does not fit', () => {
    expect(unrefuted(plan(10, 0), [bound(10 + 1e-9)])).toEqual(bound(10 + 1e-9));
    expect(unrefuted(plan(10, 3), [bound(11)])).toEqual(bound(11));
    expect(unrefuted(plan(10, 0), [bound(Number.NEGATIVE_INFINITY)])).toEqual(bound(0));
  });
});
