import { describe, expect, it } from 'vitest';
import { EXAMPLE, runHere, STACK_TRACE } from './run-cli.ts';

const COMMANDS = ['solve', 'gap', 'validate', 'import', 'serve', 'demo'];

describe('help', () => {
  it('names every command and exit code', async () => {
    const { code, stdout, stderr } = await runHere(['--help']);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'));
    for (const exitCode of [0, 1, 2, 3, 4, 5, 130]) expect(stdout).toMatch(new RegExp(`^ {2}${exitCode} +\\w`, 'm'));
  });

  it.each(COMMANDS)('of %s fits into 100 columns', async (command) => {
    for (const argv of [
      [command, '--help'],
      ['help', command],
    ]) {
      const { code, stdout } = await runHere(argv);
      expect(code).toBe(0);
      expect(stdout).toContain(`Usage: egresso ${command}`);
      expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
    }
  });

  it('is given on stderr where the command is missing', async () => {
    const { code, stdout, stderr } = await runHere([]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('Usage: egresso');
  });
});

it('prints its version', async () => {
  const { code, stdout } = await runHere(['--version']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

describe('wrong usage ends with 2 and one line', () => {
  it.each([
    ['an unknown command', ['frobnicate'], "unknown command 'frobnicate'"],
    ['a misspelt command', ['sovle'], 'Did you mean solve?'],
    ['an unknown option', ['solve', '--frobnicate', EXAMPLE], "unknown option '--frobnicate'"],
    ['an option of another command', ['gap', '--variant', 'ses', EXAMPLE], "unknown option '--variant'"],
    ['a missing argument', ['solve'], "missing required argument 'model'"],
    ['one argument too many', ['solve', EXAMPLE, EXAMPLE], 'too many arguments'],
    ['a missing value', ['solve', EXAMPLE, '--seed'], 'argument missing'],
    ['no such variant', ['solve', EXAMPLE, '--variant', 'tes'], 'Allowed choices are ses, mes'],
    ['no such method', ['solve', EXAMPLE, '--method', 'magic'], 'Allowed choices are auto'],
    ['no number', ['solve', EXAMPLE, '--seed', 'one'], "'one' is invalid"],
    ['a hexadecimal number', ['solve', EXAMPLE, '--seed', '0x10'], "'0x10' is invalid"],
    ['an empty number', ['solve', EXAMPLE, '--seed', ''], 'is invalid'],
    ['an infinite number', ['solve', EXAMPLE, '--time-limit', 'Infinity'], "'Infinity' is invalid"],
    ['a time limit below 0', ['solve', EXAMPLE, '--time-limit', '-1'], "'-1' is invalid. It is below 0."],
    ['a number beyond all bounds', ['solve', EXAMPLE, '--time-limit', '1e999'], "'1e999' is invalid"],
    ['no range', ['import', '--topology', 'x', '--rib', 'y', '--ingress-points', '1-2-3'], "'1-2-3' is invalid"],
    ['an import without a table', ['import', '--topology', 'x'], "'--rib <file>' not specified"],
    ['two files on stdin', ['import', '--topology', '-', '--rib', '-'], 'only one of the files'],
  ])('%s', async (_name, argv, message) => {
    const { code, stdout, stderr } = await runHere(argv);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^egresso: USAGE: .+\n$/);
    expect(stderr).not.toMatch(STACK_TRACE);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('as a problem document with --json', async () => {
    const { code, stderr } = await runHere(['solve', '--json', '--frobnicate']);
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'USAGE', detail: "unknown option '--frobnicate'", errors: [] });
  });
});

describe('options out of bounds name the option', () => {
  it.each([
    [['--threshold', '0'], '/options/threshold'],
    [['--threshold', '1.5'], '/options/threshold'],
    [['--iterations', '0'], '/options/iterations'],
    [['--iterations', '2.5'], '/options/iterations'],
    [['--seed', '-1'], '/options/seed'],
    [['--gap-target', '-0.1'], '/options/gapTarget'],
    [['--change-cost', '-1'], '/options/changeCost'],
    [['--change-cost', '1e300'], '/options/changeCost'],
  ])('%j', async (flags, pointer) => {
    const { code, stdout, stderr } = await runHere(['solve', EXAMPLE, ...flags]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^egresso: OPTIONS_INVALID: /);
    expect(stderr).toContain(`\n  ${pointer}: `);
    expect(stderr).not.toMatch(STACK_TRACE);
  });

  it('all of them at once, as a problem document', async () => {
    const { code, stderr } = await runHere(['solve', EXAMPLE, '--json', '--threshold', '2', '--seed', '0.5']);
    expect(code).toBe(2);
    const { errors } = JSON.parse(stderr) as { errors: { pointer: string }[] };
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual(['/options/seed', '/options/threshold']);
  });
});
