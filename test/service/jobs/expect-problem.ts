import { expect } from 'vitest';
import { ERROR_CATALOG, type ErrorCode } from '../../../src/errors.ts';

export function expectProblem(response: { statusCode: number; json(): unknown }, code: ErrorCode): void {
  expect(response.json()).toMatchObject({ code });
  expect(response.statusCode).toBe(ERROR_CATALOG[code].status);
}
