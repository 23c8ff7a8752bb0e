/** The random days are worth what they find: a decision maker with a fault in it does not pass them. */
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Change } from '../../../src/manager/decision/decision.ts';
import type { Ledger } from '../../../src/manager/decision/ledger.ts';
import type { Reallocator } from '../../../src/manager/decision/reallocator.ts';
import type { ManagerState } from '../../../src/manager/decision/state.ts';
import { exhaustive } from '../simulation.ts';
import { type Day, days, judge } from './days/day.ts';

const FOLDER = '../../../src/manager/decision';
const MOST_DAYS = 1000;

type Module = Readonly<Record<string, unknown>>;
interface Mutation {
  readonly fault: string;
  readonly file?: string;
  readonly mutate?: (original: Module) => Module;
  readonly reallocate?: Reallocator;
  /** Days that it is likely to matter in. */
  readonly traits?: Partial<Day>;
}

const MUTATIONS: readonly Mutation[] = [
  {
    fault: 'no relief',
    file: 'relief',
    mutate: () => ({ relieve: async () => ({ changes: [], asked: [], queue: [] }) }),
  },
  { fault: 'an optimizer without answers', reallocate: async () => ({ fits: null, moves: [] }) },
  { fault: 'an optimizer for which nothing fits', reallocate: async () => ({ fits: false, moves: [] }) },
  { fault: 'all telemetry is believed', file: 'plausibility', mutate: () => ({ telemetryFaults: () => [] }) },
  {
    fault: 'a fault of one point is none',
    file: 'plausibility',
    mutate: ({ telemetryFaults }) => ({
      telemetryFaults: (...given: unknown[]) => {
        const faults = call<{ subject: string }[]>(telemetryFaults, given);
        return faults.filter(({ subject }) => !subject.startsWith('p'));
      },
    }),
  },
  {
    fault: 'frozen once is frozen for good',
    file: 'plausibility',
    mutate: ({ telemetryFaults }) => ({
      telemetryFaults: (state: ManagerState, ...rest: unknown[]) =>
        state.frozenTicks > 0 ? [{ kind: 'stale', subject: 'routes' }] : call(telemetryFaults, [state, ...rest]),
    }),
  },
  { fault: 'a fault of one point is one of all', file: 'quarantine', mutate: () => ({ concernsAll: anyFaults }) },
  {
    fault: 'no rollback',
    file: 'verification',
    mutate: () => ({ verify: (state: unknown) => ({ state, changes: [] }) }),
  },
  {
    fault: 'no M of N',
    file: 'watermarks',
    mutate: () => ({ isOver: (window: readonly number[] = []) => window.at(-1) === 1 }),
  },
  {
    fault: 'leases are always renewed',
    file: 'safety',
    mutate: ({ unsafeOverrides }) => ({
      unsafeOverrides: (...given: unknown[]) => {
        const unsafe = call<Map<string, string>>(unsafeOverrides, given);
        return new Map([...unsafe].filter(([, reason]) => reason !== 'lease-expired'));
      },
    }),
  },
  { fault: 'leases are never renewed', file: 'overrides', mutate: () => ({ renewLeases: (state: unknown) => state }) },
  { fault: 'no releases', file: 'release', mutate: () => ({ releases: () => [] }) },
  {
    fault: 'releases without room',
    file: 'release',
    mutate: ({ releases }) => ({
      releases: (all: unknown, windows: unknown, ledger: Ledger, ...rest: unknown[]) => {
        const blind = { ...bound(ledger), hasRoom: () => true };
        return call(releases, [all, windows, blind, ...rest]);
      },
    }),
  },
  {
    fault: 'releases to points that are not quiet',
    file: 'watermarks',
    mutate: () => ({ isQuiet: () => true }),
  },
  {
    fault: 'no backoff',
    file: 'holds',
    mutate: ({ isHeld }) => ({
      isHeld: (history: unknown, prefix: unknown, atMs: unknown, settings: object) =>
        call(isHeld, [history, prefix, atMs, { ...settings, backoffLimit: 0 }]),
    }),
  },
  { fault: 'no hold-down', file: 'holds', mutate: () => ({ isHeld: () => false }) },
  {
    fault: 'a ledger that does not add up',
    file: 'ledger',
    mutate: (original) => ({ Ledger: forgetful(original.Ledger as typeof Ledger) }),
  },
  {
    fault: 'volumes that arrive as estimated',
    file: 'observation',
    mutate: ({ volumeAtMost }) => ({ volumeAtMost: (reading: unknown) => call(volumeAtMost, [reading, 0]) }),
  },
  {
    fault: 'what leaves at two points leaves at one',
    file: 'observation',
    mutate: ({ totalVolume }) => ({ volumeAt: totalVolume }),
    traits: { splits: 1, deviation: 0, lag: 0, corruption: 0, prefixCount: 6, maxChanges: 3, maxOverrides: 4 },
  },
  {
    fault: 'what was measured before a change counts',
    file: 'observation',
    mutate: () => ({ isMeasuredSince: () => true }),
    traits: { lossProbability: 0.1 },
  },
  {
    fault: 'volumes that flow records have missed are not there',
    file: 'calibration',
    mutate: () => ({ calibrated: (observation: unknown) => observation }),
    traits: { lag: 2 },
  },
  {
    fault: 'releases are never told to be stuck',
    file: 'verification',
    mutate: () => ({ verifyReleases: (state: unknown) => ({ state, stuck: [] }) }),
    traits: { stickiness: 1, corruption: 0, holdTicks: 0 },
  },
  {
    fault: 'what was sent before a release counts against it',
    file: 'verification',
    mutate: ({ verifyReleases }) => ({
      verifyReleases: (state: object, observation: unknown, limits: unknown, settings: object) =>
        call(verifyReleases, [state, observation, limits, { ...settings, flowLagMs: 0 }]),
    }),
    traits: { stickiness: 1, corruption: 0, holdTicks: 0 },
  },
  {
    fault: 'loads are expected to stay as they were',
    file: 'expected-loads',
    mutate: () => ({ expectedLoads: (baseline: unknown) => baseline }),
  },
  {
    fault: 'loads are expected to go where they came from',
    file: 'expected-loads',
    mutate: ({ expectedLoads }) => ({
      expectedLoads: (baseline: unknown, changes: readonly Change[], observation: unknown) =>
        call(expectedLoads, [baseline, changes.map((one) => ({ ...one, to: one.from })), observation]),
    }),
  },
  { fault: 'counters always show what was moved', file: 'shift', mutate: () => ({ isCounted: () => true }) },
];

afterEach(() => void vi.resetModules());

describe('random days find', () => {
  it.each(MUTATIONS)('$fault', { timeout: 120_000 }, async ({ file, mutate, reallocate = exhaustive, traits }) => {
    const path = `${FOLDER}/${file}.ts`;
    if (mutate !== undefined) {
      vi.doMock(path, async (original) => {
        const module = await original<Module>();
        return { ...module, ...mutate(module) };
      });
    }
    vi.resetModules();
    const { DecisionMaker } = await import('../../../src/manager/decision/decide.ts');
    vi.doUnmock(path);
    const judged = fc.check(
      fc.asyncProperty(days, async (day) => void (await judge({ ...day, ...traits }, DecisionMaker, reallocate))),
      { numRuns: MOST_DAYS, seed: 20261121, endOnFailure: true },
    );
    const { failed, errorInstance } = await judged;
    expect(failed).toBe(true);
    // By a rule, not by falling over.
    expect(errorInstance).toMatchObject({ name: 'AssertionError' });
  });
});

function call<T>(original: unknown, given: readonly unknown[]): T {
  return (original as (...given: readonly unknown[]) => T)(...given);
}

function anyFaults(faults: readonly unknown[]): boolean {
  return faults.length > 0;
}

function bound(ledger: Ledger): Pick<Ledger, 'load' | 'move'> {
  return { load: (point) => ledger.load(point), move: (reading, to) => ledger.move(reading, to) };
}

/** Each move is checked by itself. */
function forgetful(Original: typeof Ledger): typeof Ledger {
  return class extends Original {
    #start: Ledger | null = null;

    override move(...given: Parameters<Ledger['move']>): void {
      this.#start ??= this.copy();
      super.move(...given);
    }

    override hasRoom(...given: Parameters<Ledger['hasRoom']>): boolean {
      return this.#start === null ? super.hasRoom(...given) : this.#start.hasRoom(...given);
    }
  };
}
