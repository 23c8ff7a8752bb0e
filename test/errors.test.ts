/** The catalog of error codes: none is dead, and none is untested. That each is documented, `packaging.test.ts` asserts. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { EgressoError, ERROR_CATALOG } from '../src/errors.ts';

const SELF = fileURLToPath(import.meta.url);

/** The names in capitals that stand in the sources of a folder, but for some files. */
function names(folder: string, except: RegExp): Set<string> {
  const root = fileURLToPath(new URL(folder, import.meta.url));
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => `${root}${name}`);
  const read = files.filter((file) => file.endsWith('.ts') && file !== SELF && !except.test(file));
  return new Set(read.flatMap((file) => readFileSync(file, 'utf8').match(/\b[A-Z_]+\b/g) ?? []));
}

const thrown = names('../src/', /src\/errors\.ts$/);
const tested = names('./', /packaging\.test\.ts$/);

describe.each(Object.entries(ERROR_CATALOG))('%s', (code, { status, exitCode, title }) => {
  it('is thrown somewhere, and looked for by a test', () => {
    expect([thrown.has(code), tested.has(code)]).toEqual([true, true]);
  });

  it('has an HTTP status, an exit code of the command line, and a sentence', () => {
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect([1, 2, 3, 4, 5, 130]).toContain(exitCode);
    expect(title).toMatch(/^[A-Z].*\.$/);
  });
});

it('an error lists its first 1,000 faults and counts all', () => {
  const faults = Array.from({ length: 1500 }, (_, i) => ({ pointer: `/${i}`, message: 'is wrong' }));
  const { errors, errorCount, kind } = new EgressoError('MODEL_INVALID', 'wrong', faults);
  expect([errors.length, errorCount, kind]).toEqual([1000, 1500, ERROR_CATALOG.MODEL_INVALID]);
});
