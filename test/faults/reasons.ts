/** What every refusal has to say. */
import { expect } from 'vitest';
import type { Problem } from '../../src/http/problem.ts';
import type { Reply } from './service-process.ts';

/** A refusal is a problem document. */
export function expectReason({ status, headers, body }: Reply): void {
  expect(headers['content-type']).toBe('application/problem+json');
  expectProblem(JSON.parse(body.toString()), status);
}

/** With a code, and with a reason of its own that tells nothing of the inside. */
export function expectProblem(problem: Problem, status: number): void {
  expect(problem).toMatchObject({ status, code: expect.stringMatching(/^[A-Z_]+$/) });
  expect(problem.detail.length).toBeGreaterThan(10);
  expect(JSON.stringify(problem)).not.toMatch(/\\n\s+at |node_modules|TypeError|RangeError/);
}
