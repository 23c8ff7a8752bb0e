import { expect } from 'vitest';
import { EgressoError, type ErrorCode } from '../../src/errors.ts';

/** Runs what has to fail and gives back its error, checked to be from the catalog. */
export async function faultOf(run: () => unknown, code: ErrorCode): Promise<EgressoError> {
  let thrown: unknown = null;
  try {
    await run();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(EgressoError);
  const fault = thrown as EgressoError;
  expect(fault.code).toBe(code);
  return fault;
}

/** Runs what may fail, but only with the given code of the catalog. */
export async function mayFail<T>(run: () => T | Promise<T>, code: ErrorCode): Promise<T | null> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof EgressoError && error.code === code) return null;
    throw error;
  }
}
