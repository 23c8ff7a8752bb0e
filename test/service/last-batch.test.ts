import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeBody } from '../../src/formats/codec.ts';
import { SolverPool } from '../../src/service/pool.ts';
import type { Answer, TaskRequest } from '../../src/service/task.ts';
import { solve } from '../../src/solve.ts';

const model = JSON.parse(readFileSync(new URL('../fixtures/patent-example-1.json', import.meta.url), 'utf8'));

let pool: SolverPool;
beforeAll(async () => {
  pool = new SolverPool({ threads: 1, queueLimit: 0 });
  await pool.whenReady();
});
afterAll(() => pool.close());

function bodyOf(batch: object): SharedArrayBuffer {
  const bytes = encodeBody(batch, 'application/msgpack');
  const shared = new SharedArrayBuffer(bytes.byteLength);
  new Uint8Array(shared).set(bytes);
  return shared;
}

function run(body: SharedArrayBuffer, more: Partial<TaskRequest>): Promise<Answer> {
  const types = { bodyType: 'application/msgpack', answerType: 'application/json' } as const;
  return pool.run({ operation: 'vary', body, ...types, ...more }, { signal: new AbortController().signal }).answer;
}

const textOf = (answer: Answer): string => (answer.ok ? new TextDecoder().decode(answer.body) : answer.code);
const decodeMs = (answer: Answer): number => (answer.ok ? answer.timing.decode : Number.NaN);

it('is decoded once for its items, which are the same as of a batch that is decoded anew', async () => {
  // What costs time to decode, and none to solve.
  const metadata = { names: Array.from({ length: 300_000 }, (_, i) => `name ${i}`) };
  const variations = [{ options: { variant: 'mes' } }, { model: { name: 'another' } }, {}];
  const body = bodyOf({ model: { ...model, metadata }, variations });
  const first = await run(body, { item: 2, batch: 'a' });
  const again = [0, 1, 2, 2].map((item) => run(body, { item, batch: 'a' }));
  const answers = await Promise.all(again);
  const plan = async (options: object, name = model.name): Promise<string> =>
    JSON.stringify(await solve({ ...model, metadata, name }, options));
  const expected = [await plan({ variant: 'mes' }), await plan({}, 'another'), await plan({}), await plan({})];
  expect(answers.map(textOf)).toEqual(expected);
  expect(textOf(first)).toBe(expected[2]);
  expect(Math.max(...answers.map(decodeMs))).toBeLessThan(decodeMs(first) / 5);
});

it('is never taken for another', async () => {
  const [one, other] = [1, 2].map((factor) => {
    const traffic = model.traffic.map((pair: { volume: number }) => ({ ...pair, volume: pair.volume / factor }));
    return bodyOf({ model: { ...model, traffic }, variations: [{}] });
  });
  const costOf = async (body: SharedArrayBuffer, batch?: string): Promise<number> =>
    JSON.parse(textOf(await run(body, { item: 0, ...(batch !== undefined && { batch }) }))).cost;
  expect([await costOf(one, 'one'), await costOf(other, 'other'), await costOf(one, 'one')]).toEqual([1850, 500, 1850]);
  expect([await costOf(one), await costOf(other)]).toEqual([1850, 500]);
});
