import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { GapResult } from '../../src/gap.ts';
import { fixture, runHere, STACK_TRACE } from './run-cli.ts';

const INSTANCE = fixture('gap/chu1997/a05100');
const MACHINES = 5;
const JOBS = 100;

async function tables() {
  const numbers = (await readFile(INSTANCE, 'utf8')).trim().split(/\s+/).map(Number);
  const pairCount = MACHINES * JOBS;
  return {
    costs: numbers.slice(2, 2 + pairCount),
    weights: numbers.slice(2 + pairCount, 2 + 2 * pairCount),
    capacities: numbers.slice(2 + 2 * pairCount),
  };
}

it('answers an assignment that fits, its cost and its bound', async () => {
  const { code, stdout, stderr } = await runHere(['gap', INSTANCE, '--json']);
  expect(code).toBe(0);
  expect(stderr).toBe('');
  const result = JSON.parse(stdout) as GapResult;
  expect(Object.keys(result).sort()).toEqual([
    'assignment',
    'certificate',
    'cost',
    'gap',
    'lowerBound',
    'overload',
    'status',
  ]);
  const { costs, weights, capacities } = await tables();
  expect(result.assignment).toHaveLength(JOBS);
  expect(result.assignment.reduce((sum, s, r) => sum + costs[s * JOBS + r], 0)).toBe(result.cost);
  const loads = capacities.map((_, s) =>
    result.assignment.reduce((sum, machine, r) => sum + (machine === s ? weights[s * JOBS + r] : 0), 0),
  );
  for (const [s, load] of loads.entries()) expect(load).toBeLessThanOrEqual(capacities[s]);
  // The best known value of the instance.
  expect(result.lowerBound).toBeLessThanOrEqual(1698);
  expect(result.cost).toBeGreaterThanOrEqual(1698);
});

it('sums it up for people, from stdin and gzip too', async () => {
  const instance = await readFile(INSTANCE);
  const { stdout: fromFile, stderr } = await runHere(['gap', INSTANCE]);
  expect(fromFile).toMatch(/^Instance +100 jobs, 5 machines$/m);
  expect(fromFile).toMatch(/^Overload +none$/m);
  expect(fromFile).toMatch(/^Assignment +(\d+ ){100}/m);
  expect(stderr).toMatch(/^Solved in /);
  for (const input of [instance, gzipSync(instance)]) {
    expect((await runHere(['gap', '-'], { input })).stdout).toBe(fromFile);
  }
});

it('ends with 3 where nothing fits, and still prints the assignment', async () => {
  const { code, stdout } = await runHere(['gap', '-', '--json'], { input: '1 2  1 2  5 5  6' });
  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({
    status: 'overloaded',
    gap: null,
    overload: { total: 4 },
    assignment: [0, 0],
  });
});

describe('bad input ends with 2 and names the line', () => {
  it.each([
    ['empty', '', '/line/1'],
    ['no numbers', 'a b', '/line/1'],
    ['too few numbers', '1 2\n1 2\n5 5', '/line/3'],
    ['a negative weight', '1 2\n1 2\n5 -5\n6', '/line/3'],
    ['a huge header', '9999999999 9999999999', '/line/1'],
    ['not a number', '1 2\n1 2\n5 NaN\n6', '/line/3'],
  ])('%s', async (_name, input, pointer) => {
    const { code, stdout, stderr } = await runHere(['gap', '-'], { input });
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^egresso: FORMAT_INVALID: /);
    expect(stderr).toContain(`\n  ${pointer}: `);
    expect(stderr).not.toMatch(STACK_TRACE);
  });

  it('a time limit out of bounds', async () => {
    const { code, stderr } = await runHere(['gap', INSTANCE, '--time-limit', '-1']);
    expect(code).toBe(2);
    expect(stderr).toContain("'--time-limit <seconds>' argument '-1' is invalid. It is below 0.");
  });
});
