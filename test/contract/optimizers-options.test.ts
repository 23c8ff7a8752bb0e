/** The options of the methods: nothing is coerced, every fault has its pointer. */
import { describe, expect, it } from 'vitest';
import { EgressoError, type ErrorCode } from '../../src/errors.ts';
import { parseGapOptions, parseOptions } from '../../src/model/options.ts';

const DEFAULTS = {
  variant: 'ses',
  method: 'auto',
  timeLimitMs: 30000,
  gapTarget: 1e-4,
  iterations: 10,
  seed: 1,
  threshold: 1,
  changeCost: 0,
};
const WRONG = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, '1', true, null, [], {}, undefined];
const FAULTS: Record<keyof typeof DEFAULTS, readonly unknown[]> = {
  variant: ['SES', 'both', '', 1, null, ['ses'], undefined],
  method: ['simplex', 'Auto', '', 0, null, undefined],
  timeLimitMs: WRONG,
  gapTarget: WRONG,
  iterations: [...WRONG, 0, 1001, 2.5],
  seed: [...WRONG, 0.5, 4294967296],
  threshold: [...WRONG, 0, -0, 1.0000001],
  changeCost: WRONG,
};
const GOOD: Record<keyof typeof DEFAULTS, readonly unknown[]> = {
  variant: ['ses', 'mes'],
  method: ['auto', 'alternating', 'exact', 'biggest-first', 'hot-potato'],
  timeLimitMs: [0, 0.5, 1e9],
  gapTarget: [0, 1e-9, 2],
  iterations: [1, 1000],
  seed: [0, 4294967295],
  threshold: [1e-9, 0.5, 1],
  changeCost: [0, 1e-9, 1e9],
};

function faultOf(parse: () => unknown): { code: ErrorCode; pointers: string[]; messages: string[] } {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof EgressoError)) throw error;
    const pointers = error.errors.map(({ pointer }) => pointer);
    return { code: error.code, pointers, messages: error.errors.map(({ message }) => message) };
  }
  throw new Error('nothing was refused');
}

describe('parseOptions', () => {
  it('fills in the defaults', () => {
    expect(parseOptions({})).toEqual(DEFAULTS);
    expect(parseOptions({ seed: 5 })).toEqual({ ...DEFAULTS, seed: 5 });
  });

  it.each(Object.entries(GOOD))('takes every good value of %s as it is', (option, values) => {
    for (const value of values) expect(parseOptions({ [option]: value })).toEqual({ ...DEFAULTS, [option]: value });
  });

  it.each(Object.entries(FAULTS))(
    'refuses every wrong value of %s, with its pointer and the value',
    (option, values) => {
      for (const value of values) {
        const { code, pointers, messages } = faultOf(() => parseOptions({ [option]: value }));
        expect({ value, code, pointers }).toEqual({ value, code: 'OPTIONS_INVALID', pointers: [`/options/${option}`] });
        if (typeof value === 'number') expect(messages[0]).toContain(String(value));
      }
    },
  );

  it('names the bound that a value breaks', () => {
    expect(faultOf(() => parseOptions({ iterations: 1001 })).messages[0]).toContain('1000');
    expect(faultOf(() => parseOptions({ variant: 'both' })).messages[0]).toMatch(/ses.*mes/);
  });

  it.each([
    ['timelimit', '/options/timelimit'],
    ['a/b', '/options/a~1b'],
    ['a~b', '/options/a~0b'],
    ['', '/options/'],
    ['constructor', '/options/constructor'],
    ['__proto__', '/options/__proto__'],
  ])('refuses the unknown key %j', (key, pointer) => {
    const { code, pointers } = faultOf(() => parseOptions(JSON.parse(`{${JSON.stringify(key)}: 1}`)));
    expect({ code, pointers }).toEqual({ code: 'OPTIONS_INVALID', pointers: [pointer] });
  });

  it('tells all faults at once', () => {
    const { pointers } = faultOf(() => parseOptions({ seed: -1, threshold: 2, wrong: 1, variant: 'x' }));
    expect(pointers.toSorted()).toEqual(['/options/seed', '/options/threshold', '/options/variant', '/options/wrong']);
  });

  it.each([null, [], 'ses', 1, undefined, Number.NaN])('refuses %j as a whole', (options) => {
    expect(faultOf(() => parseOptions(options)).pointers).toEqual(['/options']);
  });

  it('points below the base that it is given', () => {
    expect(faultOf(() => parseOptions({ seed: -1 }, '/jobs/3/options')).pointers).toEqual(['/jobs/3/options/seed']);
  });

  it('does not change what it is given', () => {
    const given = Object.freeze({ seed: 3 });
    expect(parseOptions(given)).not.toBe(given);
    expect(given).toEqual({ seed: 3 });
  });
});

describe('parseGapOptions', () => {
  it('knows the time limit only', () => {
    expect(parseGapOptions({})).toEqual({ timeLimitMs: 30000 });
    expect(parseGapOptions({ timeLimitMs: 0 })).toEqual({ timeLimitMs: 0 });
    for (const value of WRONG) {
      expect(faultOf(() => parseGapOptions({ timeLimitMs: value })).pointers).toEqual(['/options/timeLimitMs']);
    }
    expect(faultOf(() => parseGapOptions({ seed: 1 })).pointers).toEqual(['/options/seed']);
  });
});
