/** Claims that the plan itself contradicts do not leave, and the account says so. */
import { describe, expect, it } from 'vitest';
import type { Optimum } from '../../src/optimizer/portfolio/outcome.ts';
import type { CheckResult } from '../../src/plan/check.ts';
import { claimsOf } from '../../src/plan/claims.ts';

function claims(
  claimed: Partial<Pick<Optimum, 'lowerBound' | 'leastOverload' | 'provenOverloaded'>>,
  { objective = 100, overload = 0 },
) {
  const optimum = { lowerBound: 90, leastOverload: 0, provenOverloaded: false, ...claimed } as Optimum;
  return claimsOf(optimum, { cost: objective - 1, changeCost: 1, overload } as CheckResult);
}

describe('claimsOf', () => {
  it('lets through what holds', () => {
    expect(claims({}, {})).toEqual({ lowerBound: 90, leastOverload: null, dropped: [] });
    expect(claims({}, { overload: 3 })).toEqual({ lowerBound: 90, leastOverload: null, dropped: [] });
    const proven = { lowerBound: null, leastOverload: 2, provenOverloaded: true };
    expect(claims(proven, { overload: 3 })).toEqual({ lowerBound: null, leastOverload: 2, dropped: [] });
  });

  it('takes rounding for what it is', () => {
    expect(claims({ lowerBound: 100 * (1 + 5e-10) }, {})).toEqual({
      lowerBound: 100,
      leastOverload: null,
      dropped: [],
    });
    const proven = { lowerBound: null, leastOverload: 3 * (1 + 5e-10), provenOverloaded: true };
    expect(claims(proven, { overload: 3 })).toEqual({ lowerBound: null, leastOverload: 3, dropped: [] });
  });

  it('drops a bound above a plan that fits, and does not call the plan optimal for it', () => {
    const { lowerBound, dropped } = claims({ lowerBound: 101 }, {});
    expect(lowerBound).toBe(0);
    expect(dropped).toEqual([{ phase: 'refuted bound', iterations: 1, objective: 101, overload: 0 }]);
  });

  it('drops the proof that no plan fits where one does', () => {
    const proven = { lowerBound: null, leastOverload: 0, provenOverloaded: true };
    const { dropped, ...rest } = claims(proven, {});
    expect(rest).toEqual({ lowerBound: 0, leastOverload: null });
    expect(dropped.map(({ phase }) => phase)).toEqual(['refuted overload']);
  });

  it('drops the amount of an overload that a plan stays below', () => {
    const { dropped, ...rest } = claims(
      { lowerBound: null, leastOverload: 4, provenOverloaded: true },
      { overload: 3 },
    );
    expect(rest).toEqual({ lowerBound: null, leastOverload: 0 });
    expect(dropped.map(({ phase }) => phase)).toEqual(['refuted overload']);
  });

  it('is never without a bound where nothing is proven: costs are not negative', () => {
    expect(claims({ lowerBound: null }, { overload: 3 })).toMatchObject({ lowerBound: 0, leastOverload: null });
  });
});
