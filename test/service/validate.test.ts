/** What the service says of models that are faulty, and of others. */
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import Value from 'typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ValidationSchema } from '../../src/service/validation.ts';
import { BROKEN_MODELS, type BrokenModel } from '../contract/broken-models.ts';
import { faultsOf, model, send, startSolver } from './solver-app.ts';

let app: FastifyInstance;
beforeAll(async () => {
  app = await startSolver(1);
});
afterAll(() => app.close());

const post = (url: string, body: unknown): Promise<LightMyRequestResponse> => send(app, url, body);

describe('POST /v1/validate', () => {
  it('sums a valid model up', async () => {
    const response = await post('/v1/validate', { model });
    expect(response.statusCode).toBe(200);
    const validation = response.json();
    expect(Value.Check(ValidationSchema, validation)).toBe(true);
    expect(validation).toMatchObject({ valid: true, errors: [], errorCount: 0 });
    expect(validation.summary).toMatchObject({
      name: 'patent example 1',
      routers: 4,
      neighbors: 2,
      prefixes: 2,
      pairs: 4,
    });
    const { modelHash } = (await post('/v1/solve', { model })).json();
    expect(validation.summary.modelHash).toBe(modelHash);
  });

  it.each([
    [{ model, options: { seed: -1 } }, '/options/seed'],
    [{ model: 'x' }, '/model'],
    [{}, '/model'],
    [[], ''],
  ])('lists faults with 200: %j', async (body, pointer) => {
    const response = await post('/v1/validate', body);
    expect(response.statusCode).toBe(200);
    expect(Value.Check(ValidationSchema, response.json())).toBe(true);
    expect(response.json()).toMatchObject({ valid: false, summary: null, errors: [{ pointer }], errorCount: 1 });
  });
});

describe('broken models', () => {
  const wrapped = ({ body, mediaType }: BrokenModel): InjectOptions => {
    const payload =
      typeof body === 'string'
        ? Buffer.from(`{"model":${body}}`)
        : Buffer.concat([Buffer.from([0x81, 0xa5]), Buffer.from('model'), body]);
    return { method: 'POST', payload, headers: { 'content-type': mediaType } };
  };
  const pointersOf = ({ pointers }: BrokenModel) => pointers.map((pointer) => `/model${pointer}`).sort();

  it.each(BROKEN_MODELS)('$name: 400 from /v1/solve', async (broken) => {
    const response = await app.inject({ ...wrapped(broken), url: '/v1/solve' });
    expect(faultsOf(response, broken.code).sort()).toEqual(pointersOf(broken));
  });

  it.each(BROKEN_MODELS)('$name: listed by /v1/validate', async (broken) => {
    const response = await app.inject({ ...wrapped(broken), url: '/v1/validate' });
    if (broken.code === 'BODY_MALFORMED') {
      expect(faultsOf(response, broken.code)).toEqual([]);
      return;
    }
    expect(response.statusCode).toBe(200);
    const { valid, errors, errorCount } = response.json();
    expect(valid).toBe(false);
    expect(errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual(pointersOf(broken));
    expect(errorCount).toBe(broken.pointers.length);
  });
});
