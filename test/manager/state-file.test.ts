import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Decided, DecisionMaker } from '../../src/manager/decision/decide.ts';
import type { Observation } from '../../src/manager/decision/observation.ts';
import { INITIAL_STATE, type ManagerState } from '../../src/manager/decision/state.ts';
import { parseState } from '../../src/manager/decision/state-schema.ts';
import { loadState, saveState } from '../../src/manager/state-file.ts';
import { days, judge } from './decision/days/day.ts';
import { exhaustive } from './simulation.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'egresso-state-'));
  path = join(folder, 'state.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('is what was kept, or new where nothing was', () => {
  expect(loadState(path)).toEqual(INITIAL_STATE);
  saveState(path, { ...INITIAL_STATE, tick: 7 });
  expect(loadState(path)).toEqual({ ...INITIAL_STATE, tick: 7 });
});

it('is not new where it cannot be read, nor where it is something else', () => {
  mkdirSync(path);
  expect(() => loadState(path)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
  rmSync(path, { recursive: true });
  writeFileSync(path, '{"version":2,"state":{"overrides":[]}}');
  expect(() => loadState(path)).toThrow(expect.objectContaining({ code: 'FORMAT_INVALID' }));
});

describe('a state', () => {
  const override = {
    prefix: '10.0.0.0/24',
    from: 'a',
    to: 'b',
    plain: null,
    reason: 'relieve',
    sinceMs: 1,
    leaseUntilMs: 2,
    phase: 'pending',
    pendingTicks: 0,
  } as const;
  const keep = (state: object): void => writeFileSync(path, JSON.stringify({ version: 1, state }));

  it('of a release before has what that did not know as at the start, and nothing that this one does not know', () => {
    const { limits: _, ...old } = INITIAL_STATE;
    keep({ ...old, tick: 3, overrides: [override], closed: {} });
    expect(loadState(path)).toEqual({ ...INITIAL_STATE, tick: 3, overrides: [override] });
  });

  it.each([
    ['a name that is none', { overrides: [{ ...override, to: 7 }] }, '/overrides/0/to'],
    ['a part that is missing', { overrides: [{ prefix: '10.0.0.0/24' }] }, '/overrides/0'],
    ['no list', { overrides: {} }, '/overrides'],
    ['a count below 0', { overrides: [], frozenTicks: -1 }, '/frozenTicks'],
    [
      'a question of another release',
      { overrides: [], reliefQueue: [{ point: 'a', isComplete: true }] },
      '/reliefQueue/0',
    ],
    ['an hour that has no volumes', { overrides: [], traffic: { intervals: { 3: {} } } }, '/traffic'],
    ['nothing', {}, ''],
  ])('with %s is refused, by its place', (_, state, pointer) => {
    keep(state);
    expect(() => loadState(path)).toThrow(
      expect.objectContaining({
        code: 'FORMAT_INVALID',
        errors: expect.arrayContaining([expect.objectContaining({ pointer })]),
      }),
    );
  });

  it('of every tick of a day is read as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(days, async (day) => {
        class Kept extends DecisionMaker {
          override async decide(last: ManagerState, seen: Observation): Promise<Decided> {
            const decided = await super.decide(last, seen);
            const text = JSON.stringify(decided.state);
            expect(JSON.stringify(parseState(JSON.parse(text), 'it'))).toBe(text);
            return decided;
          }
        }
        await judge(day, Kept, exhaustive);
      }),
      { numRuns: 20, seed: 3 },
    );
  });
});

it.each(['', '{"version":1,"state":{"overrides":[', '[]', '{"version":1}', 'null'])('is not %j', (text) => {
  writeFileSync(path, text);
  expect(() => loadState(path)).toThrow(expect.objectContaining({ code: 'FORMAT_INVALID' }));
});

it('tells why it cannot be kept', () => {
  const nowhere = join(folder, 'nowhere', 'state.json');
  expect(() => saveState(nowhere, INITIAL_STATE)).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
});
