/** Prefixes that go back to plain BGP, and those that do not. */
import { beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/manager/audit/record.ts';
import { AuditLines } from '../../../src/manager/audit/recorder.ts';
import { replayAudit } from '../../../src/manager/audit/replay.ts';
import { DecisionMaker } from '../../../src/manager/decision/decide.ts';
import type { Decision } from '../../../src/manager/decision/decision.ts';
import type { Observation } from '../../../src/manager/decision/observation.ts';
import { INITIAL_STATE, type ManagerState } from '../../../src/manager/decision/state.ts';
import { exhaustive, limitsOf, observe, type SimulatedPrefix, settingsOf, TICK_MS } from '../simulation.ts';

const IDS = ['a', 'b'];
const PREFIX = '10.0.1.0/24';
const SETTINGS = settingsOf({ recoverTicks: 1, verifyTicks: 2, holdDownMs: 0, flowLagMs: 2 * TICK_MS });
const LIMITS = limitsOf(
  IDS.map((id) => ({ id, capacity: 100, price: 0 })),
  SETTINGS,
);
const network = (volumes: readonly number[]): SimulatedPrefix[] =>
  volumes.map((volume, k) => ({ prefix: `10.0.${k}.0/24`, natural: 'a', learned: IDS, volume }));
const BUSY = network([50, 30, 10]);
const CALM = network([10, 30, 5]);

let maker: DecisionMaker;
let state: ManagerState;
let audit: AuditLines;
let atMs: number;

beforeEach(() => {
  maker = new DecisionMaker(LIMITS, SETTINGS, exhaustive);
  state = INITIAL_STATE;
  atMs = 0;
  audit = new AuditLines();
  audit.append({ kind: 'start', version: 1, settings: SETTINGS, limits: LIMITS, state });
});

async function tick(
  prefixes: readonly SimulatedPrefix[],
  held: ManagerState['overrides'] = state.overrides,
  change: (one: Observation) => Observation = (one) => one,
): Promise<Decision> {
  atMs += TICK_MS;
  const observation = change(observe(atMs, IDS, prefixes, held));
  const decided = await maker.decide(state, observation);
  state = decided.state;
  const { decision } = decided;
  audit.append({ kind: 'tick', observation, withdrawal: null, decision, stateHash: sha256(JSON.stringify(state)) });
  return decision;
}

/** Until the override is released; answers with what it was. */
async function untilReleased(): Promise<ManagerState['overrides']> {
  for (let t = 0; t < 4; t++) await tick(BUSY);
  const held = state.overrides;
  expect(held).toMatchObject([{ prefix: PREFIX, from: 'a', to: 'b' }]);
  for (let t = 0; t < 20; t++) {
    const { changes } = await tick(CALM);
    if (changes.length === 0) continue;
    expect(changes).toMatchObject([{ prefix: PREFIX, action: 'release', from: 'b', to: 'a' }]);
    expect(state.released).toEqual([{ prefix: PREFIX, from: 'b', to: 'a', sinceMs: atMs, lateTicks: 0 }]);
    return held;
  }
  throw new Error('never released');
}

describe('a release', () => {
  it('that is followed is told of no more', async () => {
    await untilReleased();
    const after = [await tick(CALM), await tick(CALM)];
    expect([state.released, after.some(({ stuck }) => stuck !== undefined)]).toEqual([undefined, false]);
  });

  it('whose traffic stays is told once, after `verifyTicks` intervals that began after it, and nothing is done', async () => {
    const held = await untilReleased();
    const after: Decision[] = [];
    for (let t = 0; t < 8; t++) after.push(await tick(CALM, held));
    // The first interval that was all of it sent later is that of the third tick after.
    const told = after.map(({ stuck }) => stuck);
    expect(told.map((one) => one !== undefined)).toEqual([false, false, false, true, false, false, false, false]);
    expect(told[3]).toEqual([{ prefix: PREFIX, from: 'b', to: 'a', volume: 30 }]);
    expect([after.flatMap(({ changes }) => changes), state.released]).toEqual([[], undefined]);
    expect(await replayAudit(audit.lines)).toMatchObject({ differences: [] });
  });

  it('that is followed late, but in time, is not told', async () => {
    const held = await untilReleased();
    for (let t = 0; t < 3; t++) expect((await tick(CALM, held)).stuck).toBeUndefined();
    expect(state.released).toMatchObject([{ lateTicks: 1 }]);
    await tick(CALM);
    expect(state.released).toBeUndefined();
  });

  it('is not judged by records of before it, nor by the same ones twice', async () => {
    const held = await untilReleased();
    const flowsAtMs = atMs;
    const old = (one: Observation): Observation => ({
      ...one,
      points: one.points.map((point) => ({ ...point, flowsSinceMs: flowsAtMs - TICK_MS, flowsAtMs })),
    });
    for (let t = 0; t < 2; t++) expect((await tick(CALM, held, old)).stuck).toBeUndefined();
    expect(state.released).toMatchObject([{ lateTicks: 0 }]);
  });

  it('is not judged while its point is not believed, nor by a process that has measured nothing yet', async () => {
    const held = await untilReleased();
    const unmeasured = (one: Observation): Observation => ({
      ...one,
      points: one.points.map((point) => ({ ...point, load: 0, flowVolume: 0, flowsSinceMs: null, flowCheck: null })),
      prefixes: one.prefixes.map((reading) => ({ ...reading, volumes: [] })),
    });
    state = { ...state, baseline: {} };
    await tick(CALM, held, unmeasured);
    expect(state.released).toHaveLength(1);
    state = { ...state, quarantine: { b: { faultyTicks: 1, soundTicks: 0 } } };
    await tick(CALM);
    state = { ...state, quarantine: {} };
    await tick(CALM);
    expect(state.released).toBeUndefined();
  });

  it('ends with its traffic, its route, or another move', async () => {
    const held = await untilReleased();
    const after = { ...state };
    const [prefix] = held.map((one) => one.prefix);
    const without = (change: (one: SimulatedPrefix) => SimulatedPrefix[]): SimulatedPrefix[] =>
      CALM.flatMap((one) => (one.prefix === prefix ? change(one) : [one]));
    await tick(
      without((one) => [{ ...one, volume: 0 }]),
      held,
    );
    expect(state.released).toBeUndefined();
    [state, atMs] = [after, after.atMs];
    await tick(
      without(() => []),
      held,
    );
    expect(state.released).toBeUndefined();
    [state, atMs] = [after, after.atMs];
    const crowded = network([50, 30, 10]);
    for (let t = 0; t < 3; t++) await tick(crowded, [], (one) => one);
    expect([state.released, state.overrides.length]).toEqual([undefined, 1]);
  });
});
