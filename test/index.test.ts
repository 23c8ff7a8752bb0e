/** The library as a dependent sees it: the built package, by its name. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it("import { solve } from 'egresso' solves Example 1", async () => {
  const model = readFileSync(new URL('./fixtures/patent-example-1.json', import.meta.url), 'utf8');
  const program = `
    import { solve, EgressoError } from 'egresso';
    const plan = await solve(${model}, { variant: 'mes' });
    const fault = await solve({}).catch((error) => error instanceof EgressoError && error.code);
    console.log(JSON.stringify({ cost: plan.cost, status: plan.status, fault }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: new URL('..', import.meta.url),
  });
  expect(JSON.parse(stdout)).toEqual({ cost: 1250, status: 'optimal', fault: 'MODEL_INVALID' });
});
