/** Whole volumes and costs reach HiGHS as they are, others scaled. */
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../../src/model/build-model.ts';
import { exactProgram } from '../../../src/optimizer/exact/exact-program.ts';
import { exactScales } from '../../../src/optimizer/exact/exact-scales.ts';
import { buildProblem, type Problem } from '../../../src/problem/problem.ts';
import { type ModelPayload, payloadOf } from '../../oracle/random-model.ts';

function network(volume: number, capacity: number, distance = 3): ModelPayload {
  return payloadOf({
    routers: [{ id: 'a', egressCapacity: capacity }, { id: 'b' }],
    distances: [{ from: 'a', to: 'b', distance }],
    neighbors: [{ id: 'A', ingress: ['b'] }],
    prefixes: [{ id: 'P', prefix: '10.0.0.0/8', egress: ['a', 'b'] }],
    traffic: [{ neighbor: 'A', prefix: 'P', volume }],
  });
}

const problemOf = (payload: ModelPayload): Problem =>
  buildProblem(buildModel(payload), { threshold: 1, changeCost: 0 });

describe('exactScales', () => {
  it('leaves whole numbers alone', () => {
    expect(exactScales(problemOf(network(7, 10)))).toEqual({ row: 1, objective: 1, isWhole: true });
  });

  it('scales fractional volumes, in rows and objective: their mean to 1000, and to 1', () => {
    expect(exactScales(problemOf(network(7.5, 10)))).toEqual({ row: 1000 / 7.5, objective: 7.5, isWhole: false });
  });

  it('leaves whole rows alone under costs that are not', () => {
    expect(exactScales(problemOf(network(7, 10, 3.5)))).toEqual({ row: 1, objective: 7, isWhole: true });
  });

  it('scales what is too large to be summed exactly', () => {
    expect(exactScales(problemOf(network(2e6, 4e6))).isWhole).toBe(false);
    // 1e6 · 3 is too large for the objective only.
    expect(exactScales(problemOf(network(1e6, 2e6)))).toEqual({ row: 1, objective: 1e6, isWhole: true });
  });
});

describe('rows of capacity', () => {
  it('are whole where all volumes are: no more fits anyway', () => {
    const { program } = exactProgram(problemOf(network(7, 10.75)), { variant: 'ses' });
    expect(program.rowUpper[0]).toBe(10);
    expect(program.values.every(Number.isInteger)).toBe(true);
  });

  it('stay where what overflows is counted', () => {
    const { program } = exactProgram(problemOf(network(7, 10.75)), { variant: 'ses', objective: 'overload' });
    expect(program.rowUpper[0]).toBeCloseTo(10.75, 6);
  });
});
