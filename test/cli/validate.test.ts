import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { EXAMPLE, runHere, STACK_TRACE } from './run-cli.ts';

const example = JSON.parse(await readFile(EXAMPLE, 'utf8')) as { traffic: object[]; routers: object[] };

/** The example with so many entries of traffic that no neighbor sends. */
function withDangling(count: number): string {
  const dangling = Array.from({ length: count }, (_, i) => ({ neighbor: `X${i}`, prefix: 'P1', volume: 1 }));
  return JSON.stringify({ ...example, traffic: [...example.traffic, ...dangling] });
}

describe('a valid model', () => {
  it('is summed up', async () => {
    const { code, stdout, stderr } = await runHere(['validate', EXAMPLE]);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^Valid +patent example 1$/m);
    expect(stdout).toMatch(/^Points +4$/m);
    expect(stdout).toMatch(/^Pairs +4$/m);
    expect(stdout).toMatch(/^Hash +[0-9a-f]{64}$/m);
  });

  it('gives its counts as JSON', async () => {
    const { code, stdout } = await runHere(['validate', '--json', '-'], { input: JSON.stringify(example) });
    expect(code).toBe(0);
    const { summary, ...rest } = JSON.parse(stdout);
    expect(rest).toEqual({ valid: true, errors: [], errorCount: 0 });
    expect(summary).toMatchObject({ points: 4, neighbors: 2, prefixes: 2, pairs: 4 });
  });
});

describe('a faulty model', () => {
  it('ends with 2 and names the place of each fault', async () => {
    const { code, stdout, stderr } = await runHere(['validate', '-'], { input: withDangling(3) });
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^egresso: MODEL_INVALID: /);
    for (const i of [4, 5, 6]) expect(stderr).toMatch(new RegExp(`^ {2}/traffic/${i}/neighbor: .*X${i - 4}`, 'm'));
    expect(stderr).not.toContain('…');
    expect(stderr).not.toMatch(STACK_TRACE);
  });

  it('shows 20 faults and counts the rest', async () => {
    const { stderr } = await runHere(['validate', '-'], { input: withDangling(1500) });
    expect(stderr.match(/^ {2}\/traffic\//gm)).toHaveLength(20);
    expect(stderr).toMatch(/^ {2}… and 1,480 more\n/m);
  });

  it('lists the first 1,000 as JSON on stdout', async () => {
    const { code, stdout, stderr } = await runHere(['validate', '--json', '-'], { input: withDangling(1500) });
    expect(code).toBe(2);
    expect(stderr).toBe('');
    const { valid, errors, errorCount, summary } = JSON.parse(stdout);
    expect({ valid, errorCount, summary }).toEqual({ valid: false, errorCount: 1500, summary: null });
    expect(errors).toHaveLength(1000);
  });

  it('cannot steer the terminal by its ids', async () => {
    const input = JSON.stringify({ ...example, '\u001b[2Jkey': 1 });
    const { code, stderr } = await runHere(['validate', '-'], { input });
    expect(code).toBe(2);
    expect([...stderr].filter((char) => char < ' ' && char !== '\n')).toEqual([]);
  });

  it('gives a problem document when solved with --json', async () => {
    const { code, stdout, stderr } = await runHere(['solve', '--json', '-'], { input: withDangling(1) });
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(JSON.parse(stderr)).toMatchObject({
      type: '/problems/MODEL_INVALID',
      code: 'MODEL_INVALID',
      errors: [{ pointer: '/traffic/4/neighbor' }],
      errorCount: 1,
    });
  });
});
