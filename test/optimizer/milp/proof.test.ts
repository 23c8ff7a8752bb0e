/** What is made of a solver's word, where it is right and where it is not. */
import { describe, expect, it } from 'vitest';
import type { IntegerSolution } from '../../../src/optimizer/milp/integer.ts';
import { askTwice, stoppedBound } from '../../../src/optimizer/milp/proof.ts';

const NONE = Number.POSITIVE_INFINITY;

function said(answer: Partial<IntegerSolution>): IntegerSolution {
  return { status: 'optimal', x: Float64Array.of(1), objective: 14, bound: 14, nodes: 3, ...answer };
}

/** Answers in turn; `known` is the least value in hand, whatever was found. */
function ask(known: number, ...answers: Partial<IntegerSolution>[]) {
  const asked: boolean[] = [];
  const run = (presolve: boolean) => {
    asked.push(presolve);
    return said(answers[asked.length - 1]);
  };
  return { asked, ...askTwice(run, () => known) };
}

describe('askTwice', () => {
  it('takes an optimum that nothing contradicts, a little lower', () => {
    const { asked, proof, nodes } = ask(14, {});
    expect({ asked, nodes }).toEqual({ asked: [true], nodes: 3 });
    expect(proof.finished).toBe(true);
    expect(proof.bound).toBeLessThan(14);
    expect(proof.bound).toBeGreaterThan(14 * (1 - 1e-9));
  });

  it('asks again where a value in hand is below the optimum, and believes what fits it', () => {
    const { asked, proof, nodes } = ask(13.58, {}, { objective: 13.58, bound: 13.58 });
    expect({ asked, nodes }).toEqual({ asked: [true, false], nodes: 6 });
    expect(proof.finished).toBe(true);
    expect(proof.bound).toBeCloseTo(13.58, 6);
  });

  it('takes nothing for proven that is contradicted twice: above all not the value in hand', () => {
    const { asked, proof } = ask(13.58, {}, {});
    expect(asked).toEqual([true, false]);
    expect(proof).toEqual({ bound: Number.NEGATIVE_INFINITY, finished: false });
  });

  it('believes that there is no point only after the second time, and where there is none', () => {
    const none = { status: 'infeasible', x: null, bound: NONE } as const;
    expect(ask(NONE, none, none)).toMatchObject({ asked: [true, false], proof: { bound: NONE, finished: true } });
    expect(ask(NONE, none, {}).proof.finished).toBe(false);
    expect(ask(14, none, none).proof).toEqual({ bound: Number.NEGATIVE_INFINITY, finished: false });
    expect(ask(14, none, {}).proof.finished).toBe(true);
  });

  it('asks again where an optimum has no point, or a bound far below it', () => {
    const { asked, proof } = ask(NONE, { bound: 12 }, { bound: 12 });
    expect(asked).toEqual([true, false]);
    expect(proof.finished).toBe(false);
    expect(proof.bound).toBe(stoppedBound(12));
    expect(ask(14, { bound: 2 }, {}).asked).toEqual([true, false]);
  });

  it('lowers the bound of a search that was stopped by more than was seen to be wrong', () => {
    const { asked, proof } = ask(20, { status: 'limit', bound: 14 * (1 + 4e-9) });
    expect(asked).toEqual([true]);
    expect(proof.finished).toBe(false);
    expect(proof.bound).toBeLessThan(14);
    expect(proof.bound).toBeGreaterThan(14 * (1 - 1e-5));
  });

  it('drops the bound of a search that was stopped above a value in hand', () => {
    expect(ask(13.9, { status: 'limit', bound: 14 }).proof.bound).toBe(Number.NEGATIVE_INFINITY);
    // As near as its tolerance: the value is the better bound.
    expect(ask(14, { status: 'limit', bound: 14 * (1 + 1e-8) }).proof.bound).toBeLessThanOrEqual(14);
  });

  it.each(['failed', 'unbounded'] as const)('takes nothing from a run that %s', (status) => {
    expect(ask(14, { status, objective: 0, bound: 0 }).proof.bound).toBe(Number.NEGATIVE_INFINITY);
  });

  it('works below 0 as above', () => {
    expect(ask(-14, { objective: -14, bound: -14 }).proof.bound).toBeLessThan(-14);
    expect(ask(-15, { objective: -14, bound: -14 }, {}).proof.bound).toBe(Number.NEGATIVE_INFINITY);
  });
});
