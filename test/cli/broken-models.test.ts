import { describe, expect, it } from 'vitest';
import { BROKEN_MODELS, type BrokenModel } from '../contract/broken-models.ts';
import { type Outcome, runHere, STACK_TRACE } from './run-cli.ts';

const SHOWN = 20;

/** What every command says of a faulty model to people. */
function expectReport({ code, stdout, stderr }: Outcome, broken: BrokenModel): void {
  expect(stderr).not.toMatch(STACK_TRACE);
  expect(stderr).toMatch(new RegExp(`^egresso: ${broken.code}: `));
  const told = [...stderr.matchAll(/^ {2}(\(whole input\)|\/.*?): /gm)].map(([, pointer]) => pointer);
  const expected = broken.pointers.map((pointer) => (pointer === '' ? '(whole input)' : pointer));
  expect(told).toHaveLength(Math.min(SHOWN, expected.length));
  for (const pointer of told) expect(expected).toContain(pointer);
  if (expected.length > SHOWN) expect(stderr).toContain('… and ');
  expect(stdout).toBe('');
  expect(code).toBe(2);
}

describe('broken models', () => {
  it.each(BROKEN_MODELS)('validate: $name', async (broken) => {
    // What stdin holds is told by its content; a body that says nothing of itself is JSON.
    expectReport(await runHere(['validate', '-'], { input: broken.body }), broken);
  });

  it.each(BROKEN_MODELS)('validate --json: $name', async (broken) => {
    const { code, stdout, stderr } = await runHere(['validate', '--json', '-'], { input: broken.body });
    expect(code).toBe(2);
    if (broken.code === 'BODY_MALFORMED') {
      expect(JSON.parse(stderr)).toMatchObject({ code: broken.code, errors: [] });
      return;
    }
    expect(stderr).toBe('');
    const { valid, errors, errorCount } = JSON.parse(stdout);
    expect({ valid, errorCount }).toEqual({ valid: false, errorCount: broken.pointers.length });
    expect(errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([...broken.pointers].sort());
  });

  // Each solve starts a thread; the faults are found by the same code as above.
  const some = BROKEN_MODELS.filter((_, i) => i % 10 === 0);
  it.each(some)('solve: $name', async (broken) => {
    expectReport(await runHere(['solve', '-'], { input: broken.body }), broken);
  });
});
