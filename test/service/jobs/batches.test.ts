import { readFileSync } from 'node:fs';
import type { LightMyRequestResponse } from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { encodeBody } from '../../../src/formats/codec.ts';
import type { BatchView, ItemView } from '../../../src/service/jobs/batch-view.ts';
import { solve } from '../../../src/solve.ts';
import { longInstance } from '../../cli/long-instance.ts';
import { type SolvingApp, startSolvingApp } from './solving-app.ts';

const model = JSON.parse(readFileSync(new URL('../../fixtures/patent-example-1.json', import.meta.url), 'utf8'));
const long = longInstance();

let solving: SolvingApp;
beforeEach(async () => {
  solving = await startSolvingApp();
});
afterEach(() => solving[Symbol.asyncDispose]());

const post = (payload: object, headers = {}): Promise<LightMyRequestResponse> =>
  solving.app.inject({ method: 'POST', url: '/v1/batches', payload, headers });

async function accepted(payload: object): Promise<string> {
  const response = await post(payload);
  expect(response.statusCode).toBe(202);
  expect(response.headers.location).toBe(`/v1/batches/${response.json().id}`);
  return response.json().id;
}

const batch = async (id: string): Promise<BatchView> => (await solving.app.inject(`/v1/batches/${id}`)).json();
const linesOf = ({ body }: LightMyRequestResponse): ItemView[] =>
  body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
const results = async (id: string, query = ''): Promise<ItemView[]> =>
  linesOf(await solving.app.inject(`/v1/batches/${id}/results${query}`));
const scaled = (factor: number): object[] =>
  model.traffic.map((pair: { volume: number }) => ({ ...pair, volume: pair.volume * factor }));

describe('a batch', () => {
  const variations = [
    { id: 'as is' },
    { id: 'half', traffic: scaled(0.5) },
    { id: 'ses', options: { variant: 'ses' } },
    { id: 'broken', model: { traffic: [{ neighbor: 'A9', prefix: 'P1', volume: 1 }] } },
    { id: 'too much', traffic: scaled(10) },
  ];

  it('solves every variation; the results come as they end, and one that fails leaves the others alone', async () => {
    const id = await accepted({ model, options: { variant: 'mes' }, variations });
    const response = await solving.app.inject(`/v1/batches/${id}/results`);
    expect(response.headers['content-type']).toBe('application/x-ndjson');
    const ended = linesOf(response);
    expect(ended.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
    const items = ended.sort((a, b) => a.item - b.item);
    expect(items.map(({ id }) => id)).toEqual(variations.map(({ id }) => id));
    expect(items.map(({ state, summary, problem }) => [state, summary?.status, summary?.cost, problem?.code])).toEqual([
      ['done', 'optimal', 1250, undefined],
      ['done', 'optimal', expect.any(Number), undefined],
      ['done', 'optimal', 1850, undefined],
      ['failed', undefined, undefined, 'MODEL_INVALID'],
      ['done', 'overloaded', expect.any(Number), undefined],
    ]);
    expect(items[3].problem?.errors[0].pointer).toBe('/model/traffic/0/neighbor');
    const plan = await solving.app.inject(`/v1/jobs/${items[1].job}/plan`);
    expect(plan.body).toBe(JSON.stringify(await solve({ ...model, traffic: scaled(0.5) }, { variant: 'mes' })));
    expect(await batch(id)).toMatchObject({
      state: 'done',
      items: { total: 5, queued: 0, running: 0, done: 4, failed: 1, cancelled: 0 },
    });
  });

  it('can be polled', async () => {
    const id = await accepted({ model, variations: variations.slice(0, 3) });
    const seen: ItemView[] = [];
    await vi.waitFor(
      async () => {
        const after = seen.at(-1)?.sequence ?? 0;
        seen.push(...(await results(id, `?wait=false&after=${after}`)));
        expect((await batch(id)).state).toBe('done');
      },
      { timeout: 20_000, interval: 20 },
    );
    seen.push(...(await results(id, `?wait=false&after=${seen.at(-1)?.sequence ?? 0}`)));
    expect(seen.map(({ item }) => item).sort()).toEqual([0, 1, 2]);
    expect(await results(id)).toEqual(seen);
  });

  it('comes as msgpack too, and its items are no jobs of the list', async () => {
    const payload = Buffer.from(encodeBody({ model, variations: [{}] }, 'application/msgpack'));
    const response = await post(payload, { 'content-type': 'application/msgpack' });
    const [item] = await results(response.json().id);
    expect(item).toMatchObject({ id: '0', state: 'done' });
    expect((await solving.app.inject('/v1/jobs')).json().jobs).toEqual([]);
    expect((await solving.app.inject('/v1/batches')).json().batches).toMatchObject([{ id: response.json().id }]);
    expect((await solving.app.inject(`/v1/jobs/${item.job}`)).json()).toMatchObject({ state: 'done' });
    expect((await solving.app.inject(`/v1/jobs/${response.json().id}`)).json()).toMatchObject({
      code: 'JOB_NOT_FOUND',
    });
    expect((await solving.app.inject(`/v1/batches/${item.job}`)).json()).toMatchObject({ code: 'JOB_NOT_FOUND' });
  });

  it('is counted once, and so are its items', async () => {
    const changes = async () => {
      const { body } = await solving.app.inject('/metrics');
      const found = body.matchAll(/egresso_job_changes_total{operation="(\w+)",state="(\w+)"} (\d+)/g);
      return Object.fromEntries(
        [...found].map(([, operation, state, count]) => [`${operation} ${state}`, Number(count)]),
      );
    };
    await results(await accepted({ model, variations }));
    await vi.waitFor(async () => expect((await changes())['batch done']).toBe(1), { timeout: 10_000 });
    expect(await changes()).toEqual({
      ...{ 'batch queued': 1, 'batch running': 1, 'batch done': 1 },
      ...{ 'solve queued': 5, 'solve running': 5, 'solve done': 4, 'solve failed': 1 },
    });
    const held = (await solving.app.inject({ method: 'POST', url: '/v1/jobs', payload: { model: long } })).json().id;
    const id = await accepted({ model, variations });
    await solving.app.inject({ method: 'DELETE', url: `/v1/batches/${id}` });
    expect((await changes())['batch cancelled']).toBe(1);
    await solving.app.inject({ method: 'DELETE', url: `/v1/jobs/${held}` });
  });

  it('pages are not asked for behind what is gone', async () => {
    for (const path of ['/v1/jobs', '/v1/batches']) {
      const response = await solving.app.inject(`${path}?before=nobody`);
      expect([response.statusCode, response.json().code]).toEqual([404, 'JOB_NOT_FOUND']);
    }
  });

  it('with faults in its list fails as a whole', async () => {
    const id = await accepted({ model, variations: [{ id: 'a' }, { id: 'a' }] });
    expect(await results(id)).toEqual([]);
    const { state, problem, items } = await batch(id);
    expect([state, problem?.code, problem?.errors[0].pointer]).toEqual([
      'failed',
      'REQUEST_INVALID',
      '/variations/1/id',
    ]);
    expect(items.total).toBeNull();
  });

  it('of one idempotency key is one batch', async () => {
    const headers = { 'idempotency-key': 'b' };
    const ids = await Promise.all([1, 2].map(async () => (await post({ model, variations }, headers)).json().id));
    expect(ids[0]).toBe(ids[1]);
  });
});

describe('a long batch', () => {
  const variations = [1, 2, 3, 4].map((seed) => ({ id: `seed ${seed}`, options: { seed } }));
  const payload = { model: long, options: { gapTarget: 0, timeLimitMs: 60_000 }, variations };

  it('is cancelled: what waits at once, what runs soon', async () => {
    const id = await accepted(payload);
    await vi.waitFor(async () => expect((await batch(id)).items.running).toBe(1), { timeout: 20_000 });
    const waiting = solving.app.inject(`/v1/batches/${id}/results`);
    const response = await solving.app.inject({ method: 'DELETE', url: `/v1/batches/${id}` });
    expect(response.statusCode).toBe(202);
    expect(linesOf(await waiting).map(({ state }) => state)).toEqual(Array(4).fill('cancelled'));
    expect(await batch(id)).toMatchObject({ state: 'cancelled', items: { cancelled: 4 } });
    expect((await solving.app.inject({ method: 'DELETE', url: `/v1/batches/${id}` })).statusCode).toBe(200);
  });

  it('whose results are read while the service closes: the connection is broken off, and they go on behind', async () => {
    const id = await accepted({ ...payload, options: { gapTarget: 0, timeLimitMs: 300 } });
    const url = await solving.app.listen({ host: '127.0.0.1', port: 0 });
    const response = await fetch(`${url}/v1/batches/${id}/results`);
    const lines: string[] = [];
    const reading = (async () => {
      for await (const text of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
        lines.push(text);
      }
    })();
    const broken = expect(reading).rejects.toThrow();
    await vi.waitFor(() => expect(lines).not.toEqual([]), { timeout: 20_000 });
    solving = await solving.reopen();
    await broken;
    const [{ sequence }] = lines
      .join('')
      .trim()
      .split('\n')
      .slice(-1)
      .map((line) => JSON.parse(line));
    const rest = await results(id, `?after=${sequence}`);
    expect(rest.map((item) => item.sequence)).toEqual([1, 2, 3, 4].slice(sequence));
  });

  it('goes on in the next process', async () => {
    const id = await accepted({ ...payload, options: { gapTarget: 0, timeLimitMs: 400 } });
    await vi.waitFor(async () => expect((await batch(id)).items.running).toBe(1), { timeout: 20_000 });
    solving = await solving.reopen();
    const items = await results(id);
    expect(items.map(({ item }) => item).sort()).toEqual([0, 1, 2, 3]);
    for (const { state, problem } of items) expect([state, problem]).toEqual(['done', null]);
    expect((await batch(id)).state).toBe('done');
  });

  it('that is cancelled before it is split has no items', async () => {
    const held = (await solving.app.inject({ method: 'POST', url: '/v1/jobs', payload: { model: long } })).json().id;
    const id = await accepted(payload);
    const response = await solving.app.inject({ method: 'DELETE', url: `/v1/batches/${id}` });
    expect(response.json()).toMatchObject({ state: 'cancelled', items: { total: null } });
    expect(await results(id)).toEqual([]);
    await solving.app.inject({ method: 'DELETE', url: `/v1/jobs/${held}` });
  });
});
