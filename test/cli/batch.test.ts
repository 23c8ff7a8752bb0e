import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BatchItem } from '../../src/cli/batch-run.ts';
import { solve } from '../../src/solve.ts';
import { longInstance } from './long-instance.ts';
import { EXAMPLE, type Outcome, runHere } from './run-cli.ts';

const model = JSON.parse(readFileSync(EXAMPLE, 'utf8'));
const scaled = (factor: number): object[] =>
  model.traffic.map((pair: { volume: number }) => ({ ...pair, volume: pair.volume * factor }));
const lines = (values: readonly object[]): string => `${values.map((value) => JSON.stringify(value)).join('\n')}\n`;
const itemsOf = ({ stdout }: Outcome): BatchItem[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .sort((a, b) => a.item - b.item);

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'egresso-batch-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it('solves variations from stdin, a line each', async () => {
  const input = lines([{ id: 'ses' }, { id: 'mes', options: { variant: 'mes' } }, { traffic: scaled(0.5) }]);
  const outcome = await runHere(['batch', EXAMPLE, '--threads', '2'], { input });
  expect(outcome.code).toBe(0);
  const items = itemsOf(outcome);
  expect(items.map(({ id, state, summary }) => [id, state, summary?.status])).toEqual([
    ['ses', 'done', 'optimal'],
    ['mes', 'done', 'optimal'],
    ['2', 'done', 'optimal'],
  ]);
  expect(items.slice(0, 2).map(({ summary }) => summary?.cost)).toEqual([1850, 1250]);
  expect(items.map(({ sequence }) => sequence).sort()).toEqual([1, 2, 3]);
  expect(outcome.stderr).toMatch(/^3 variations in .*, 0 failed\.\n$/);
});

it('reads lists and lines from files, writes plans to a folder, and goes on after a failure', async () => {
  const [list, more] = [join(directory, 'list.json'), join(directory, 'more.ndjson')];
  writeFileSync(list, JSON.stringify([{ id: 'a/b' }, { id: 'bad', traffic: [{ neighbor: 'A9' }] }]));
  writeFileSync(more, lines([{ id: 'too much', traffic: scaled(10) }]));
  const plans = join(directory, 'plans');
  const outcome = await runHere(['batch', EXAMPLE, list, more, '--variant', 'mes', '--plans', plans]);
  expect(outcome.code).toBe(2);
  expect(itemsOf(outcome).map(({ state, problem }) => [state, problem?.code])).toEqual([
    ['done', undefined],
    ['failed', 'MODEL_INVALID'],
    ['done', undefined],
  ]);
  expect(readdirSync(plans).sort()).toEqual(['a%2Fb.json', 'too%20much.json']);
  expect(readFileSync(join(plans, 'a%2Fb.json'), 'utf8')).toBe(JSON.stringify(await solve(model, { variant: 'mes' })));
});

it('ends with 3 where a variation is overloaded', async () => {
  const { code } = await runHere(['batch', EXAMPLE], { input: lines([{}, { traffic: scaled(10) }]) });
  expect(code).toBe(3);
});

it.each([
  ['{"id": 3}\n', /REQUEST_INVALID: \/variations\/0\/id/],
  ['{"id": \n', /FORMAT_INVALID: .*:1/],
  ['', /REQUEST_INVALID: \/variations/],
])('tells what is wrong with variations %j', async (input, message) => {
  const { code, stdout, stderr } = await runHere(['batch', EXAMPLE], { input });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(message);
});

it('reads stdin once', async () => {
  const { code, stderr } = await runHere(['batch', '-']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/USAGE: stdin/);
});

it('draws a bar, and an interrupt prints what there is', async () => {
  const file = join(directory, 'long.json');
  writeFileSync(file, JSON.stringify(longInstance()));
  const quick = { id: 'quick', options: { timeLimitMs: 100 } };
  const outcome = await runHere(['batch', file, '--threads', '1', '--time-limit', '60', '--gap-target', '0'], {
    input: lines([{ id: 'bad', traffic: [{}] }, quick, { id: 'long' }, { id: 'later' }, { id: 'last' }]),
    interruptOn: /2 of 5 quick/,
  });
  expect(outcome.code).toBe(130);
  // What had failed before has failed.
  expect(itemsOf(outcome).map(({ id, state, problem }) => [id, state, problem?.code])).toEqual([
    ['bad', 'failed', 'MODEL_INVALID'],
    ['quick', 'done', undefined],
    ['long', 'cancelled', undefined],
    ['later', 'cancelled', undefined],
    ['last', 'cancelled', undefined],
  ]);
});
