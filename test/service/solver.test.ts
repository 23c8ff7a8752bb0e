/** The service with its real workers. */
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { pack, unpack } from 'msgpackr';
import Value from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GapResultSchema } from '../../src/gap.ts';
import { PlanSchema } from '../../src/plan/plan.ts';
import { longInstance } from '../cli/long-instance.ts';
import { faultsOf, model, send, startSolver } from './solver-app.ts';

const gap = {
  costs: [
    [1, 2, 3],
    [3, 2, 1],
  ],
  weights: [
    [1, 1, 1],
    [1, 1, 1],
  ],
  capacities: [2, 2],
};

let app: FastifyInstance;
beforeAll(async () => {
  app = await startSolver(1);
});
afterAll(() => app.close());

const post = (url: string, body: unknown, to = app): Promise<LightMyRequestResponse> => send(to, url, body);

describe('POST /v1/solve', () => {
  it.each([
    ['ses', 1850],
    ['mes', 1250],
  ])('solves example 1 of the patent, %s, to its optimum', async (variant, cost) => {
    const response = await post('/v1/solve', { model, options: { variant } });
    expect(response.statusCode).toBe(200);
    const plan = response.json();
    expect(Value.Check(PlanSchema, plan)).toBe(true);
    expect(plan).toMatchObject({ status: 'optimal', cost, variant });
    expect(response.headers['server-timing']).toMatch(/^decode;dur=[\d.]+, run;dur=[\d.]+, encode;dur=[\d.]+$/);
  });

  it('takes and gives msgpack', async () => {
    const json = (await post('/v1/solve', { model })).json();
    const msgpack = { 'content-type': 'application/msgpack', accept: 'application/msgpack' };
    const packed = pack({ model, options: {} });
    const response = await app.inject({ method: 'POST', url: '/v1/solve', payload: packed, headers: msgpack });
    expect(response.headers['content-type']).toBe('application/msgpack');
    expect(unpack(response.rawPayload)).toEqual(json);
  });

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
    ['zstd', (text: string) => Buffer.concat([...text].map((letter) => zstdCompressSync(letter)))],
  ] as const)('takes bodies compressed by %s, and gives the same bytes', async (encoding, compress) => {
    const body = JSON.stringify({ model, options: { variant: 'mes' } });
    const plain = await post('/v1/solve', { model, options: { variant: 'mes' } });
    const headers = { 'content-type': 'application/json', 'content-encoding': encoding };
    const response = await app.inject({ method: 'POST', url: '/v1/solve', payload: compress(body), headers });
    expect(response.statusCode).toBe(200);
    expect(response.rawPayload.equals(plain.rawPayload)).toBe(true);
  });

  it('answers an overloaded plan with 200', async () => {
    const squeezed = { ...model, routers: model.routers.map((router: object) => ({ ...router, egressCapacity: 1 })) };
    const response = await post('/v1/solve', { model: squeezed });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ status: 'overloaded', gap: null });
  });

  it('tells the faults of envelope, model and options at once', async () => {
    const body = { model: { ...model, traffic: 7 }, options: { variant: 'both', speed: 1 }, 'a/b': 1 };
    const pointers = faultsOf(await post('/v1/solve', body), 'REQUEST_INVALID');
    expect(pointers).toEqual(expect.arrayContaining(['/a~1b', '/model/traffic', '/options/variant', '/options/speed']));
  });

  it('400 where no egress of a prefix is eligible for all of its neighbors', async () => {
    const neighbors = model.neighbors.map((neighbor: object, h: number) => ({ ...neighbor, asn: 64601 + h }));
    const advertisements = ['b3', 'b4'].map((at, h) => ({
      prefix: 'P1',
      at,
      peerAsn: 64700,
      nextHop: '192.0.2.1',
      asPath: [64700, 64601 + h],
    }));
    const response = await post('/v1/solve', { model: { ...model, neighbors, advertisements } });
    expect(faultsOf(response, 'NO_ENFORCEABLE_EGRESS')).toEqual(['/model/prefixes']);
  });

  it('400 at the method for what is too large for it', async () => {
    const ids = (count: number, name: string) => Array.from({ length: count }, (_, i) => `${name}${i}`);
    const points = ids(40, 'b');
    const prefixes = ids(200, 'P').map((id, k) => ({ id, prefix: `10.0.${k}.0/24`, egress: points }));
    const large = {
      version: 1,
      routers: points.map((id) => ({ id, ingressCapacity: 1000, egressCapacity: 1000 })),
      distances: points.slice(1).map((to) => ({ from: 'b0', to, distance: 1 })),
      neighbors: ids(40, 'A').map((id) => ({ id, ingress: points })),
      prefixes,
      traffic: prefixes.flatMap(({ id: prefix }) => ids(40, 'A').map((neighbor) => ({ neighbor, prefix, volume: 1 }))),
    };
    const options = { method: 'exact', iterations: 1, timeLimitMs: 5000 };
    const response = await post('/v1/solve', { model: large, options });
    expect(faultsOf(response, 'EXACT_TOO_LARGE')).toEqual(['/options/method']);
  });

  it.each([
    ['no object', 5, ['']],
    ['null', null, ['']],
    ['a list', [], ['']],
    ['nothing in it', {}, ['/model']],
  ])('400 for a body that is %s', async (_name, body, pointers) => {
    expect(faultsOf(await post('/v1/solve', body), 'REQUEST_INVALID')).toEqual(pointers);
  });

  it('400 for options that are faulty', async () => {
    const options = { iterations: 0, threshold: 2 };
    expect(faultsOf(await post('/v1/solve', { model, options }), 'OPTIONS_INVALID').sort()).toEqual([
      '/options/iterations',
      '/options/threshold',
    ]);
    expect(faultsOf(await post('/v1/solve', { model, options: [] }), 'OPTIONS_INVALID')).toEqual(['/options']);
  });

  it.each([
    ['application/json', Buffer.from('{"model":')],
    ['application/json', Buffer.from('')],
    ['application/json', Buffer.from([0x22, 0xff, 0x22])],
    ['application/msgpack', Buffer.from([0xc1])],
    ['application/msgpack', Buffer.from('')],
  ])('400 for bytes that are no %s: %s', async (type, payload) => {
    for (const url of ['/v1/solve', '/v1/gap', '/v1/validate']) {
      faultsOf(await app.inject({ method: 'POST', url, payload, headers: { 'content-type': type } }), 'BODY_MALFORMED');
    }
  });
});

describe('POST /v1/gap', () => {
  it('assigns jobs to machines', async () => {
    const response = await post('/v1/gap', gap);
    expect(response.statusCode).toBe(200);
    expect(Value.Check(GapResultSchema, response.json())).toBe(true);
    expect(response.json()).toMatchObject({ status: 'optimal', cost: 4 });
  });

  it('leaves forbidden pairs alone', async () => {
    const response = await post('/v1/gap', { ...gap, forbidden: [[0, 0]], options: { timeLimitMs: 1000 } });
    expect(response.json().assignment[0]).toBe(1);
  });

  it('400 with every pointer', async () => {
    const body = { ...gap, weights: [gap.weights[0], [1, -1, 1]], options: { timeLimitMs: -1 } };
    expect(faultsOf(await post('/v1/gap', body), 'GAP_INVALID')).toEqual(['/weights/1/1', '/options/timeLimitMs']);
    expect(faultsOf(await post('/v1/gap', 1), 'REQUEST_INVALID')).toEqual(['']);
  });
});

describe('the longest time limit', () => {
  it('is refused beyond, and takes the place of a longer default', async () => {
    const short = await startSolver(1, 300);
    try {
      const options = { timeLimitMs: 301 };
      expect(faultsOf(await post('/v1/solve', { model, options }, short), 'OPTIONS_INVALID')).toEqual([
        '/options/timeLimitMs',
      ]);
      expect(faultsOf(await post('/v1/gap', { ...gap, options }, short), 'OPTIONS_INVALID')).toEqual([
        '/options/timeLimitMs',
      ]);
      const validated = (await post('/v1/validate', { model, options }, short)).json();
      expect(validated).toMatchObject({ valid: false, errors: [{ pointer: '/options/timeLimitMs' }] });
      expect((await post('/v1/solve', { model, options: { timeLimitMs: 300 } }, short)).statusCode).toBe(200);
      const plan = (await post('/v1/solve', { model: longInstance(), options: { gapTarget: 0 } }, short)).json();
      expect(plan.stopped).toBe('time');
      const explain = { model, plan: (await post('/v1/solve', { model }, short)).json(), options: { prefix: 'P1' } };
      expect(
        faultsOf(
          await post('/v1/explain', { ...explain, options: { prefix: 'P1', ...options } }, short),
          'OPTIONS_INVALID',
        ),
      ).toEqual(['/options/timeLimitMs']);
      expect((await post('/v1/explain', explain, short)).statusCode).toBe(200);
    } finally {
      await short.close();
    }
  });

  it('is ten minutes where nothing else is said', async () => {
    const options = { timeLimitMs: 600_001 };
    expect(faultsOf(await post('/v1/solve', { model, options }), 'OPTIONS_INVALID')).toEqual(['/options/timeLimitMs']);
  });
});

describe('the number of threads', () => {
  it('does not show in the bytes of an answer', async () => {
    const four = await startSolver(4);
    const bodies = ['ses', 'mes'].flatMap((variant) =>
      [1, 2, 3].map((seed) => ({ model, options: { variant, seed, threshold: 0.9 + seed / 30 } })),
    );
    const alone = await Promise.all(bodies.map((body) => post('/v1/solve', body)));
    const together = await Promise.all([...bodies, ...bodies].map((body) => post('/v1/solve', body, four)));
    await four.close();
    expect(alone.every(({ statusCode }) => statusCode === 200)).toBe(true);
    together.forEach(({ rawPayload }, i) => {
      expect(rawPayload.equals(alone[i % bodies.length].rawPayload)).toBe(true);
    });
  });
});
