import { describe, expect, it } from 'vitest';
import { EgressoError } from '../../src/errors.ts';
import { decodeBody } from '../../src/formats/codec.ts';
import { buildModel } from '../../src/model/build-model.ts';
import { BROKEN_MODELS, type BrokenModel } from './broken-models.ts';

function errorOf({ body, mediaType }: BrokenModel): EgressoError {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  try {
    buildModel(decodeBody(bytes, mediaType));
  } catch (error) {
    if (error instanceof EgressoError) return error;
    throw error;
  }
  throw new Error('the model was taken');
}

describe('broken models', () => {
  it.each(BROKEN_MODELS)('$name', (broken) => {
    const { code, errors, errorCount } = errorOf(broken);
    expect(code).toBe(broken.code);
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual([...broken.pointers].sort());
    expect(errorCount).toBe(broken.pointers.length);
  });

  it('have names of their own', () => {
    expect(new Set(BROKEN_MODELS.map(({ name }) => name)).size).toBe(BROKEN_MODELS.length);
  });

  it('say where a body is malformed', () => {
    for (const broken of BROKEN_MODELS.filter(({ code }) => code === 'BODY_MALFORMED')) {
      expect(errorOf(broken).message).toMatch(/at (position|byte) \d+|not valid UTF-8/);
    }
  });
});
